"""Who may see and not type: nothing that a control socket takes makes the device type, or gives control away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from app.web import events
from tests.app.web.people import People
from tests.app.web.test_sockets import Stream
from tests.client import Client, Socket

INPUT: dict[str, dict[str, object]] = {
    "hold": {"keys": ["KeyX"], "buttons": ["left"], "at": 1000},
    "keep": {"keys": ["KeyX"], "buttons": ["left"], "at": 1000},
    "key": {"key": "KeyX", "state": True},
    "mouse_button": {"button": "left", "state": True},
    "mouse_move": {"to": {"x": 1000, "y": 1000}},
    "mouse_relative": {"delta": {"x": 10, "y": 10}},
    "mouse_wheel": {"delta": {"x": 0, "y": 1}},
    "release": {},
}
BINARY = {
    b"\1\1KeyX": "key",
    b"\1\3KeyX": "key",
    b"\2\1left": "mouse_button",
    b"\3\x10\0\x10\0": "mouse_move",
    b"\4\0\x0a\x0a": "mouse_relative",
    b"\5\0\0\1": "mouse_wheel",
}
CONTROL: list[dict[str, object]] = [{"action": "take"}, {"action": "ask"}, {"action": "grant", "client": 1}]


def test_whatever_types_is_tried_here() -> None:
    assert INPUT.keys() == events.INPUT.keys()
    assert {message[:1] for message in BINARY} == events._BINARY.keys()


def say(socket: Socket, event_type: str, event: dict[str, object]) -> None:
    socket.send(json.dumps({"event_type": event_type, "event": event}))


def answers(socket: Socket) -> Iterator[tuple[str, dict[str, object]]]:
    """What came until now."""
    say(socket, "ping", {})
    while True:
        message = json.loads(socket.recv())
        if message["event_type"] == "pong":
            return
        yield message["event_type"], message["event"]


def refusals(socket: Socket, words: str) -> list[object]:
    """What was refused, for that reason; and nobody has got control meanwhile."""
    refused = []
    for event_type, event in answers(socket):
        if event_type == "refused":
            assert words in str(event["reason"])
            refused.append(event["what"])
        else:
            assert event_type in {"hello", "state"}, event
            assert event.get("control", {"holder": None, "client": None}) == {"holder": None, "client": None}
    return refused


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("viewer", "this needs the role operator; vera has the role viewer"),
        ("guest", "this needs the role operator; guest (guest) has the role viewer"),
        ("token", "this needs the scope hid; the token has power, storage, view"),
    ],
)
def test_whoever_may_only_see_neither_types_nor_takes_control(
    people: People, client: Client, who: str, words: str
) -> None:
    """A token of an administrator's, too, with every scope but that one and its own."""
    stream = Stream(client)
    before = stream.shown()
    with ExitStack() as stack:
        if who == "token":
            scopes = ["view", "storage", "power"]
            token = client.send("POST", "/api/auth/tokens", name="sees", scopes=scopes).result["token"]
            socket = client.socket("/api/ws", None, {"Authorization": f"Bearer {token}"})
        else:
            socket = stack.enter_context(people.session(who)).socket("/api/ws")
        for event_type, event in INPUT.items():
            say(socket, event_type, event)
        assert refusals(socket, words) == list(INPUT)
        for message in BINARY:
            socket.send(message)
        assert refusals(socket, words) == list(BINARY.values())
        for action in CONTROL:
            say(socket, "control", action)
        assert refusals(socket, words) == ["control"] * len(CONTROL)
        own = client.socket("/api/ws")
        say(own, "key", {"key": "KeyO", "state": True})
        say(own, "key", {"key": "KeyO", "state": False})
        after = stream.until(typed=before.typed + 1)
        assert after.text.endswith("o")
        assert (after.pointer, after.buttons) == (before.pointer, before.buttons)
