"""What a message makes an operator do."""

from __future__ import annotations

from typing import Any, cast

import pytest

from app.hid.desk import Held
from app.hid.mouse import UnknownButton
from app.hid.operator import Operator
from app.hid.usages import UnknownKey
from app.web import events
from app.web.errors import BadRequest


class Asked:
    """Stands for an Operator, and notes what it is asked."""

    def __init__(self) -> None:
        self.acts: list[tuple[object, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: self.acts.append((name, *arguments))


@pytest.fixture
def asked() -> Asked:
    return Asked()


def done(act: events.Act, asked: Asked) -> list[tuple[object, ...]]:
    act(cast(Operator, asked))
    return asked.acts


@pytest.mark.parametrize(
    ("event_type", "event", "acts"),
    [
        ("hold", {"keys": ["KeyA"], "buttons": ["left"], "at": 1500}, [("hold", Held(("KeyA",), ("left",)), 1.5)]),
        ("keep", {"keys": [], "buttons": [], "at": 0}, [("keep", Held(), 0.0)]),
        ("key", {"key": "KeyA", "state": True}, [("key", "KeyA", True, False)]),
        ("key", {"key": "KeyA", "state": "true", "finish": True}, [("key", "KeyA", True, True)]),
        ("mouse_button", {"button": "up", "state": "false"}, [("button", "up", False)]),
        ("mouse_move", {"to": {"x": -32768, "y": 32767}}, [("move", -32768, 32767)]),
        ("mouse_relative", {"delta": {"x": 1, "y": -2}}, [("shift", 1, -2, None)]),
        ("mouse_relative", {"delta": {"x": 1, "y": -2}, "at": 500}, [("shift", 1, -2, 0.5)]),
        (
            "mouse_wheel",
            {"delta": [{"x": 0, "y": 1}, {"x": 2, "y": 0}], "squash": True},
            [("wheel", 0, 1, None), ("wheel", 2, 0, None)],
        ),
        ("release", {}, [("release",)]),
    ],
)
def test_json(asked: Asked, event_type: str, event: dict[str, Any], acts: list[object]) -> None:
    assert done(events.INPUT[event_type](event), asked) == acts


@pytest.mark.parametrize(
    ("message", "name", "acts"),
    [
        (b"\1\1ShiftLeft", "key", [("key", "ShiftLeft", True, False)]),
        (b"\1\0ShiftLeft", "key", [("key", "ShiftLeft", False, False)]),
        (b"\1\3KeyA", "key", [("key", "KeyA", True, True)]),
        (b"\2\1middle", "mouse_button", [("button", "middle", True)]),
        (b"\2\0middle", "mouse_button", [("button", "middle", False)]),
        (b"\3\x80\x00\x7f\xff", "mouse_move", [("move", -32768, 32767)]),
        (b"\3\xff\xfe\x00\x01", "mouse_move", [("move", -2, 1)]),
        (b"\4\0\x01\xfe", "mouse_relative", [("shift", 1, -2, None)]),
        (b"\4\1\x01\xfe\x7f\x81", "mouse_relative", [("shift", 1, -2, None), ("shift", 127, -127, None)]),
        (b"\5\0\x00\xff", "mouse_wheel", [("wheel", 0, -1, None)]),
    ],
)
def test_binary_as_pikvms_page_sends_it(asked: Asked, message: bytes, name: str, acts: list[object]) -> None:
    found, act = events.binary(message)
    assert found == name
    assert done(act, asked) == acts


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (b"", "begins with nothing, expected 00 to 05"),
        (b"\6", "begins with 06"),
        (b"\1", "a binary key has the content"),
        (b"\1\1\xff", "a binary key has the content '01ff'"),
        (b"\4\0", "a binary mouse_relative"),
        (b"\1\x81\0\x1e", "evdev number, expected its KeyboardEvent.code"),
        (b"\3\0\0\0", "a binary mouse_move has the content"),
        (b"\4", "a binary mouse_relative"),
        (b"\4\0\1", "a binary mouse_relative"),
        (b"\5\0\x80\0", "from -127 to 127"),
    ],
)
def test_binary_that_is_not_of_the_form_is_named(message: bytes, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        events.binary(message)


@pytest.mark.parametrize("message", ['{"event_type": "ping"}', ' {"event_type": "ping"}', '{"event_type": "ping"}\n'])
def test_space_around_a_message_says_nothing(message: str) -> None:
    assert events.decoded(message) == ("ping", {})


@pytest.mark.parametrize("message", ["", " ", "{", '{"event_type": "ping"}{}', '{"event_type": "ping"},'])
def test_what_is_not_one_json_value_is_refused(message: str) -> None:
    with pytest.raises(events.NotJson):
        events.decoded(message)


def test_an_unknown_key_or_button_is_named_before_control_is_taken() -> None:
    with pytest.raises(UnknownKey):
        events.binary(b"\1\1Kea")
    with pytest.raises(UnknownButton):
        events.INPUT["mouse_button"]({"button": "fire", "state": True})


def test_a_key_that_nobody_knows_is_no_reason_to_let_go_of_the_others(asked: Asked) -> None:
    event = {"keys": ["KeyA", "Kea"], "buttons": [], "at": 1000}
    with pytest.raises(UnknownKey, match="'Kea'"):
        done(events.INPUT["hold"](event), asked)
    done(events.INPUT["keep"](event), asked)
    assert asked.acts == [("hold", Held(("KeyA",)), 1.0), ("keep", Held(("KeyA",)), 1.0)]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"keys": "KeyA", "buttons": [], "at": 1}, "keys has value 'KeyA', expected a list of strings"),
        ({"keys": [1], "buttons": [], "at": 1}, "keys has value .1., expected a list of strings"),
        ({"keys": [], "at": 1}, "buttons has value None, expected a list of strings"),
        ({"keys": [], "buttons": []}, "at has value None, expected a whole number from 0 on"),
        ({"keys": [], "buttons": [], "at": 1.5}, "at has value 1.5, expected"),
        ({"keys": [], "buttons": [], "at": True}, "at has value True, expected"),
        ({"keys": [], "buttons": [], "at": 2**53}, "at has value 9007199254740992, expected"),
    ],
)
def test_a_state_that_is_not_of_the_form_is_explained(event: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        events.INPUT["hold"](event)
