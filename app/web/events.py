"""The events of `/api/ws` that type, as JSON and in PiKVM's binary form: bytes in, something an operator does out.

Source of the binary form: `kvmd/apps/kvmd/api/hid.py` of PiKVM; docs/control-protocol.md has it byte by byte.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

from app.hid.desk import Held
from app.hid.operator import Operator
from app.hid.usages import UnknownKey, known
from app.web.errors import BadRequest, shown

Act = Callable[[Operator], None]
"""What the client wants done."""
_Step = Callable[[Operator, int, int, float | None], None]
"""One delta of several, and when it was sent."""

_DELTAS_MOST = 64
_TIME_MOST = 2**53
_FLAGS = {True: True, False: False, "true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
"""PiKVM's clients write them in each of these ways."""


class NotJson(Exception):
    """The message cannot be read at all."""


def decoded(message: str) -> tuple[str, dict[str, Any]]:
    """The type and the event of a JSON message. Raises BadRequest, NotJson."""
    try:
        content = _content(message)
    except (ValueError, RecursionError) as error:  # not JSONDecodeError alone: a number may have too many digits
        raise NotJson(f"a message that is not JSON: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("event_type"), str):
        raise BadRequest('a message has the form {"event_type": "...", "event": {...}}')
    event = content.get("event", {})
    if not isinstance(event, dict):
        raise BadRequest(f"event has value {shown(event)}, expected an object")
    return content["event_type"], event


def _content(message: str) -> object:
    """What the JSON says. Raises ValueError, RecursionError."""
    try:
        content, end = _raw(message)
    except ValueError:  # space in front, or not JSON
        end = -1
    return content if end == len(message) else json.loads(message)


_raw: Callable[[str], tuple[object, int]] = json.JSONDecoder().raw_decode
"""`json.loads` without the search for space around the value, which nobody writes: that takes as long as all the rest."""


def text(event: dict[str, Any], name: str) -> str:
    """A string. Raises BadRequest."""
    value = event.get(name)
    if not isinstance(value, str):
        raise BadRequest(f"{name} has value {shown(value)}, expected a string")
    return value


def choice(event: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    """One of some strings. Raises BadRequest."""
    value = text(event, name)
    if value not in choices:
        raise BadRequest(f"{name} has value {shown(value)}, expected one of {', '.join(choices)}")
    return value


def number(event: dict[str, Any], name: str) -> int:
    """A whole number that is not negative. Raises BadRequest."""
    value = event.get(name)
    # not isinstance: true is an int to Python
    if type(value) is not int or not 0 <= value < _TIME_MOST:
        raise BadRequest(f"{name} has value {shown(value)}, expected a whole number from 0 on")
    return value


def flag(event: dict[str, Any], name: str, default: bool | None = None) -> bool:
    """A truth, also as PiKVM's clients write it. Raises BadRequest."""
    value = event.get(name, default)
    if isinstance(value, bool | str) and value in _FLAGS:
        return _FLAGS[value]
    raise BadRequest(f"{name} has value {shown(value)}, expected true or false")


def _page(event: dict[str, Any]) -> tuple[Held, list[str], float]:
    """What a page holds, the keys among it that nobody knows, and the second of its clock at which it said so."""
    keys, buttons = _names(event, "keys"), _names(event, "buttons")
    strange = [code for code in keys if not known(code)]
    held = Held(tuple(code for code in keys if known(code)), tuple(buttons))
    return held, strange, number(event, "at") / 1000


def _hold(event: dict[str, Any]) -> Act:
    held, strange, at = _page(event)

    def act(operator: Operator) -> None:
        operator.hold(held, at)
        if strange:  # told, and no reason to let go of the others
            raise UnknownKey(strange[0])

    return act


def _keep(event: dict[str, Any]) -> Act:
    held, _strange, at = _page(event)
    return lambda operator: operator.keep(held, at)


def _key(event: dict[str, Any]) -> Act:
    return _key_edge(text(event, "key"), flag(event, "state"), flag(event, "finish", False))


def _button(event: dict[str, Any]) -> Act:
    return _button_edge(text(event, "button"), flag(event, "state"))


def _move(event: dict[str, Any]) -> Act:
    x, y = _pair(event.get("to"), "to", -32768, 32767)
    return lambda operator: operator.move(x, y)


def _shift(operator: Operator, x: int, y: int, at: float | None) -> None:
    operator.shift(x, y, at)


def _wheel(operator: Operator, x: int, y: int, at: float | None) -> None:
    operator.wheel(x, y, at)


def _turn(step: _Step) -> Callable[[dict[str, Any]], Act]:
    """The reader of an event with one delta or, as PiKVM's page sends them, several."""

    def read(event: dict[str, Any]) -> Act:
        value = event.get("delta")
        values = value if isinstance(value, list) else [value]
        if len(values) > _DELTAS_MOST:
            raise BadRequest(f"delta has {len(values)} values, expected at most {_DELTAS_MOST}")
        at = number(event, "at") / 1000 if "at" in event else None
        return _each(step, [_pair(each, "delta", -127, 127) for each in values], at)

    return read


def _names(event: dict[str, Any], name: str) -> list[str]:
    value = event.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadRequest(f"{name} has value {shown(value)}, expected a list of strings")
    return value


INPUT: dict[str, Callable[[dict[str, Any]], Act]] = {
    "hold": _hold,
    "keep": _keep,
    "key": _key,
    "mouse_button": _button,
    "mouse_move": _move,
    "mouse_relative": _turn(_shift),
    "mouse_wheel": _turn(_wheel),
    "release": lambda _event: lambda operator: operator.release(),
}
"""Event types that type, and what reads each: it raises BadRequest, UnknownKey or UnknownButton."""

BINARY_PING = b"\0"
BINARY_PONG = b"\xff"
_EVDEV = 0x80
_PLACE = struct.Struct(">hh")


def binary(message: bytes) -> tuple[str, Act]:
    """The type and the act of a binary message, a ping aside. Raises BadRequest, UnknownKey, UnknownButton."""
    kind, rest = message[:1], message[1:]
    if kind not in _BINARY:
        raise BadRequest(f"a binary message begins with {kind.hex() or 'nothing'}, expected 00 to 05")
    name, read = _BINARY[kind]
    try:
        return name, read(rest)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BadRequest(f"a binary {name} has the content {rest[:8].hex()!r}, which is not of its form") from error


def _binary_key(rest: bytes) -> Act:
    return _key_edge(_name(rest), bool(rest[0] & 1), bool(rest[0] & 2))


def _binary_button(rest: bytes) -> Act:
    return _button_edge(_name(rest), bool(rest[0] & 1))


def _name(rest: bytes) -> str:
    if rest[0] & _EVDEV:
        raise BadRequest("a key has the flag of an evdev number, expected its KeyboardEvent.code")
    return rest[1:].decode("ascii")


def _binary_move(rest: bytes) -> Act:
    x, y = _PLACE.unpack(rest)
    return lambda operator: operator.move(x, y)


def _binary_turn(step: _Step) -> Callable[[bytes], Act]:
    def read(rest: bytes) -> Act:
        pairs = [struct.unpack(">bb", rest[at : at + 2]) for at in range(1, max(2, len(rest)), 2)]
        return _each(step, [_pair({"x": x, "y": y}, "delta", -127, 127) for x, y in pairs], None)

    return read


_BINARY: dict[bytes, tuple[str, Callable[[bytes], Act]]] = {
    b"\1": ("key", _binary_key),
    b"\2": ("mouse_button", _binary_button),
    b"\3": ("mouse_move", _binary_move),
    b"\4": ("mouse_relative", _binary_turn(_shift)),
    b"\5": ("mouse_wheel", _binary_turn(_wheel)),
}


def _key_edge(code: str, pressed: bool, finish: bool) -> Act:
    Held(keys=(code,))  # an unknown key is no reason to take control
    return lambda operator: operator.key(code, pressed, finish)


def _button_edge(name: str, pressed: bool) -> Act:
    Held(buttons=(name,))
    return lambda operator: operator.button(name, pressed)


def _each(step: _Step, deltas: list[tuple[int, int]], at: float | None) -> Act:
    def run(operator: Operator) -> None:
        for x, y in deltas:
            step(operator, x, y, at)

    return run


def _pair(value: object, name: str, least: int, most: int) -> tuple[int, int]:
    """Two whole numbers `x` and `y` within limits."""
    if isinstance(value, dict):
        x, y = value.get("x"), value.get("y")
        # not isinstance: true is an int to Python
        if type(x) is int and type(y) is int and least <= x <= most and least <= y <= most:
            return x, y
    raise BadRequest(f"{name} has value {shown(value)}, expected x and y as whole numbers from {least} to {most}")
