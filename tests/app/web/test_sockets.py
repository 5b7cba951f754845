"""Picture out, input in: the whole appliance on the simulated board, used from outside."""

from __future__ import annotations

import socket
import struct
import time
from urllib.parse import quote

import av
import pytest
from websockets.exceptions import InvalidStatus

from app.sim import strip
from app.sim.strip import Strip
from app.sim.target import HEIGHT
from tests.client import HEADER, REPLY, Client, Control, trusting
from tests.patience import SECONDS, tries
from tests.wire import BINARY, TEXT, framed

H264, JPEG, PONG, HELLO = 1, 2, 3, 4


class Stream:
    """`/api/stream`, decoded."""

    def __init__(self, client: Client) -> None:
        self.socket = client.socket("/api/stream")
        self.decoder = av.CodecContext.create("h264", "r")
        (_version, kind, _flags, self.number, *_rest), _data = self.message()
        assert kind == HELLO

    def message(self) -> tuple[tuple[int, ...], bytes]:
        data = self.socket.recv()
        assert isinstance(data, bytes)
        return HEADER.unpack_from(data), data[HEADER.size :]

    def shown(self) -> Strip:
        """Decode the next frame, acknowledge it, and read its strip."""
        (_version, _kind, _flags, sequence, *_rest), unit = self.message()
        (picture,) = self.decoder.decode(av.Packet(unit))
        self.socket.send(REPLY.pack(1, 1, 0, sequence))
        pixels = picture.to_image().convert("L")
        return strip.decode(lambda x, y: pixels.getpixel((x, y)), HEIGHT - strip.HEIGHT)

    def until(self, **wanted: object) -> Strip:
        """Wait for a frame whose strip is as given."""
        patience = tries(f"frame with {wanted}")
        while True:
            next(patience)
            shown = self.shown()
            if all(getattr(shown, name) == value for name, value in wanted.items()):
                return shown


def test_the_picture_is_the_targets(client: Client) -> None:
    stream = Stream(client)
    (version, kind, flags, _sequence, captured, _encode, width, height), unit = stream.message()
    assert (version, kind, flags & 1, width, height) == (1, 1, 1, 1280, 720)
    assert 0 <= time.monotonic_ns() // 1000 - captured < 10_000_000
    stream.decoder.decode(av.Packet(unit))
    frames = [stream.shown().frame for _ in range(20)]
    assert frames == sorted(set(frames))


def test_keys_and_pointer_arrive_and_are_seen(client: Client) -> None:
    stream, control = Stream(client), Control(client)
    hello = control.await_event("hello")
    assert hello["user"] == "admin"
    before = stream.shown()
    control.tap("KeyI", "KeyN", "KeyK")
    control.send("mouse_move", to={"x": -32768, "y": 32767})
    control.send("mouse_button", button="left", state=True)
    shown = stream.until(typed=before.typed + 3, pointer=(0, 719), buttons=1)
    assert shown.text.endswith("ink")
    control.send("mouse_button", button="left", state=False)
    control.send("mouse_relative", delta={"x": 100, "y": -19})
    stream.until(pointer=(100, 700), buttons=0)
    state = control.await_state(control={"holder": "admin", "client": hello["client"]})
    assert state["signal"] == {"state": "locked", "width": 1280, "height": 720, "fps": 30.0, "reason": ""}
    assert "claim" not in state


def test_what_a_client_held_is_released_when_it_goes(client: Client) -> None:
    stream, control = Stream(client), Control(client)
    control.send("mouse_button", button="right", state=True)
    stream.until(buttons=2)
    control.socket.close()
    stream.until(buttons=0)


def test_only_one_types_and_the_other_is_told(client: Client) -> None:
    first, second = Control(client), Control(client)
    one, two = (control.await_event("hello")["client"] for control in (first, second))
    first.send("key", key="ShiftLeft", state=True)
    first.await_state(control={"holder": "admin", "client": one})
    second.send("key", key="KeyX", state=True)
    assert second.await_event("refused") == {"what": "key", "reason": f"admin (client {one}) has control"}
    second.send("control", action="take")
    first.await_state(control={"holder": "admin", "client": two})
    first.send("key", key="KeyX", state=True)
    assert first.await_event("refused")["reason"] == f"admin (client {two}) has control"
    second.send("control", action="give")
    first.await_state(control={"holder": None, "client": None})


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ('{"event_type":"key","event":{"key":"KeyA"}}', "state has value None, expected true or false"),
        ('{"event_type":"key","event":{"key":3,"state":true}}', "key has value 3, expected a string"),
        ('{"event_type":"key","event":{"key":"KeyÄ","state":true}}', "expected a KeyboardEvent.code"),
        ('{"event_type":"mouse_move","event":{"to":{"x":0,"y":40000}}}', "from -32768 to 32767"),
        ('{"event_type":"mouse_move","event":{"to":{"x":true,"y":0}}}', "whole numbers"),
        ('{"event_type":"mouse_wheel","event":{"delta":[1,2]}}', "from -127 to 127"),
        ('{"event_type":"mouse_button","event":{"button":"fire","state":true}}', "expected one of left, right"),
        ('{"event_type":"control","event":{"action":"steal"}}', "expected one of take, give"),
        ('{"event_type":"dance","event":{}}', "event_type has value 'dance', expected one of hold, "),
        ('{"event_type":"key","event":[]}', "event has value [], expected an object"),
        ("[]", "a message has the form"),
    ],
)
def test_a_bad_event_is_explained_and_harms_nothing(client: Client, message: str, words: str) -> None:
    control = Control(client)
    control.socket.send(message)
    assert words in control.await_event("error")["error_msg"]
    control.send("ping")
    assert control.await_event("pong") == {}


@pytest.mark.parametrize("message", ["{", "NaN{", '{"event_type":"ping","event":{"at":%s}}' % ("9" * 5000)])
def test_what_is_not_json_closes_that_socket_alone(client: Client, message: str | bytes) -> None:
    control, other = Control(client), Control(client)
    control.socket.send(message)
    code, reason = control.socket.ending()
    assert code == 1002
    assert reason.startswith("a message that is not JSON")
    other.send("ping")
    other.await_event("pong")


def test_pikvms_binary_form_types_and_is_answered(client: Client) -> None:
    stream, control = Stream(client), Control(client)
    before = stream.shown()
    for message in (b"\1\3KeyP", b"\1\1KeyI", b"\1\0KeyI", b"\3\x80\0\x7f\xff", b"\2\1right"):
        control.socket.send(message)
    assert stream.until(typed=before.typed + 2, pointer=(0, 719), buttons=2).text.endswith("pi")
    control.socket.send(b"\7")
    assert "begins with 07, expected 00 to 05" in control.await_event("error")["error_msg"]
    control.socket.send(b"\0")
    for _ in tries("binary pong"):
        answer = control.socket.recv()
        if answer == b"\xff":
            break
        assert isinstance(answer, str)


def test_a_page_that_falls_silent_lets_go_and_is_told(client: Client) -> None:
    stream, control = Stream(client), Control(client)
    for _ in tries("frame in which the buttons are down"):  # what is held goes up while a busy machine stands still
        control.send("hold", keys=[], buttons=["left", "right"], at=time.monotonic_ns() // 1_000_000)
        if any(stream.shown().buttons == 3 for _ in range(10)):
            break
    assert control.await_event("lapsed") == {}
    stream.until(buttons=0)


def test_control_is_asked_for_and_granted(client: Client) -> None:
    first, second = Control(client), Control(client)
    one, two = (control.await_event("hello")["client"] for control in (first, second))
    first.send("control", action="take")
    second.await_state(control={"holder": "admin", "client": one})
    second.send("control", action="ask")
    assert first.await_event("asked") == {"client": two, "user": "admin"}
    first.send("control", action="grant", client=two + 1)
    assert first.await_event("error")["error"] == "NotAsked"
    first.send("control", action="grant", client=two)
    second.await_state(control={"holder": "admin", "client": two})
    entries = client.request("GET", "/api/audit").result
    assert {"event": "control granted", "client": one, "to": two}.items() <= entries[0].items(), entries[:3]


@pytest.mark.parametrize("message", ["text", b"", b"\1\1\0\0\0\0\0", b"\7\1\0\0\0\0\0\0"])
def test_a_malformed_reply_closes_that_viewer_alone(client: Client, message: str | bytes) -> None:
    bad, good = Stream(client), Stream(client)
    bad.socket.send(message)
    code, reason = bad.socket.ending()
    assert code == 1002
    assert "expected" in reason
    good.shown()


@pytest.mark.parametrize("kind", [2, 5])
def test_a_viewer_can_ask_for_a_key_frame(client: Client, kind: int) -> None:
    stream = Stream(client)
    stream.shown()
    stream.socket.send(REPLY.pack(1, kind, 0, 0))
    for _ in tries("key frame"):
        header = stream.message()[0]
        if header[2] & 1:
            break
        stream.socket.send(REPLY.pack(1, 1, 0, header[3]))


def test_a_ping_is_answered_with_the_devices_clock(client: Client) -> None:
    stream = Stream(client)
    before = time.monotonic_ns() // 1000
    stream.socket.send(REPLY.pack(1, 3, 0, 0xABCD))
    for _ in tries("pong"):
        message = stream.message()[0]
        if message[1] == PONG:
            break
    assert message[3] == 0xABCD
    assert before <= message[4] <= time.monotonic_ns() // 1000


def test_the_state_says_what_each_viewer_gets(client: Client) -> None:
    stream, other = Stream(client), Stream(client)
    control = Control(client)
    stream.shown()
    stream.socket.send(REPLY.pack(1, 4, 0, 0) + struct.pack(">IIIHH", 21_500, 40_000, 1_200, 297, 3))
    stream.socket.send(REPLY.pack(1, 6, 0, 0) + struct.pack(">13H", *range(13)))
    for _ in tries("state with what the viewer measured"):
        viewers = control.await_event("state")["viewers"]
        each = {viewer["number"]: viewer for viewer in viewers["each"]}
        assert {stream.number, other.number} <= set(each)
        if each[stream.number]["histogram"]:
            break
    told = each[stream.number]
    assert (told["format"], told["median_ms"], told["p95_ms"], told["uncertainty_ms"]) == ("h264", 21.5, 40.0, 1.2)
    assert (told["fps"], told["decoder"], told["histogram"]) == (29.7, 3, list(range(13)))
    assert each[other.number]["median_ms"] is None
    assert 0 < viewers["bitrate"] <= 4_000_000
    assert viewers["fixed"] is None


def test_a_viewer_that_cannot_decode_gets_pictures(client: Client) -> None:
    socket = client.socket("/api/stream?format=jpeg")
    numbers, captured = [], []
    while len(numbers) < 6:
        data = socket.recv()
        assert isinstance(data, bytes)
        _version, kind, flags, sequence, at, _encode, width, height = HEADER.unpack_from(data)
        if kind == HELLO:
            continue
        assert (kind, flags, width, height) == (JPEG, 1, 1280, 720)
        (picture,) = av.CodecContext.create("mjpeg", "r").decode(av.Packet(data[HEADER.size :]))
        pixels = picture.to_image().convert("L").resize((width, height))
        shown = strip.decode(lambda x, y: pixels.getpixel((x, y)), HEIGHT - strip.HEIGHT)  # noqa: B023
        assert shown.frame == sequence
        numbers.append(sequence)
        captured.append(at)
        socket.send(REPLY.pack(1, 1, 0, sequence))
    assert numbers == sorted(set(numbers))
    assert captured[-1] - captured[0] >= 4 * 200_000


def test_an_unknown_format_is_refused_in_words(client: Client) -> None:
    with pytest.raises(InvalidStatus) as caught:
        client.socket("/api/stream?format=gif")
    assert caught.value.response.status_code == 400
    assert b"'gif', expected one of h264, jpeg" in caught.value.response.body


def fixed_at(control: Control, bitrate: int | None) -> None:
    """Return when the state says so."""
    for _ in tries(f"state with the bitrate {bitrate}"):
        if control.await_event("state")["viewers"]["fixed"] == bitrate:
            return


def test_a_quality_can_be_fixed_and_given_back(client: Client) -> None:
    control = Control(client)
    assert client.request("POST", "/api/streamer/set_params?h264_bitrate=900").result == {}
    fixed_at(control, 900_000)
    assert client.request("POST", "/api/streamer/set_params?h264_bitrate=0").status == 200
    fixed_at(control, None)


@pytest.mark.parametrize("value", ["", "24", "20001", "-1", "fast", "٤٢"])
def test_a_quality_that_is_none_is_refused_in_words(client: Client, value: str) -> None:
    answer = client.request("POST", f"/api/streamer/set_params?h264_bitrate={quote(value)}")
    assert answer.status == 400
    assert f"{value!r}, expected kbit/s from 25 to 20000" in answer.result["error_msg"]


def test_info_is_the_state(client: Client) -> None:
    result = client.request("GET", "/api/info").result
    assert result["user"] == "admin"
    assert result["state"]["usb"]["state"] == "configured"
    assert "claim" not in result["state"]


@pytest.mark.parametrize(
    ("path", "message", "answer"),
    [
        ("/api/ws", framed(TEXT, b'{"event_type":"ping","event":{}}'), b'"pong"'),
        ("/api/stream", framed(BINARY, REPLY.pack(1, 3, 0, 0xFACE)), struct.pack(">BBHI", 1, PONG, 0, 0xFACE)),
    ],
    ids=["control", "stream"],
)
def test_what_comes_in_one_record_with_the_upgrade_is_heard(
    client: Client, path: str, message: bytes, answer: bytes
) -> None:
    upgrade = (
        f"GET {path} HTTP/1.1\r\nHost: {client.host}\r\nOrigin: {client.origin}\r\nCookie: {client.cookie}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    host, _, port = client.host.partition(":")
    with trusting().wrap_socket(socket.create_connection((host, int(port)), SECONDS)) as tls:
        tls.sendall(upgrade.encode() + message)
        came = tls.recv(4096)
        assert b" 101 " in came.split(b"\r\n")[0]
        for _ in tries("answer"):
            if answer in came:
                break
            came += tls.recv(1 << 16)
