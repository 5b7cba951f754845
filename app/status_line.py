"""The device as one line of JSON: a message of the status socket, written by the daemon and checked by whoever reads it.

Pure, standard library only, like the values.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields
from typing import Any, get_args

from app.status import TOPICS, Delivery, Device, EncoderState, SignalState, Thumbnail, UsbState, to_dict


def to_json(device: Device) -> bytes:
    """One line, without its newline: a message of the status socket."""
    return json.dumps(to_dict(device), separators=(",", ":"), ensure_ascii=False).encode()


def from_json(line: bytes) -> Device:
    """Read one line of the status socket. Unknown keys are skipped, so that a newer daemon can talk to an older panel.

    Raises:
        ValueError: the line is not a JSON object, or a known key has a value of the wrong type, or one that cannot be.
    """
    try:
        raw = json.loads(line)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"status line is not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise ValueError(f"status line is {type(raw).__name__}, expected an object")
    parts: dict[str, Any] = {}
    for kind, name in TOPICS.items():
        if raw.get(name) is not None:
            parts[name] = _part(kind, name, raw[name])
    return Device(**parts)


def _part(kind: type, name: str, raw: object) -> Any:
    if not isinstance(raw, dict):
        raise ValueError(f"status key {name!r} has value {raw!r}, expected an object")
    known = {f.name: f.type for f in fields(kind)}
    values = {key: _value(f"{name}.{key}", str(known[key]), value) for key, value in raw.items() if key in known}
    try:
        part = kind(**values)
    except TypeError as error:
        raise ValueError(f"status key {name!r} is incomplete: {error}") from error
    if isinstance(part, Thumbnail) and not _whole(part):
        raise ValueError(f"status key {name!r} has rows that are not {part.width} x {part.height} pixels")
    return part


def _whole(thumbnail: Thumbnail) -> bool:
    digits, row = thumbnail.rows, (thumbnail.width + 7) // 8
    right = len(digits) == 2 * row * thumbnail.height > 0
    return right and not set(digits) - set("0123456789abcdefABCDEF")


_STATES = {"SignalState": get_args(SignalState), "EncoderState": get_args(EncoderState), "UsbState": get_args(UsbState)}
_SCALARS: dict[str, tuple[type, ...]] = {
    "int": (int,), "float": (float, int), "str": (str,), "bool": (bool,),
    "str | None": (str, type(None)), "int | None": (int, type(None)), "float | None": (float, int, type(None)),
    "bool | None": (bool, type(None)),
}  # fmt: skip
_LISTS: dict[type, str] = {str: "strings", int: "whole numbers"}


def _value(name: str, annotation: str, value: object) -> object:
    """One field's value, checked against its annotation as written above."""
    if annotation in _STATES:
        if value not in _STATES[annotation]:
            raise ValueError(
                f"status key {name!r} has value {value!r}, expected one of {', '.join(_STATES[annotation])}"
            )
        return value
    for kind, words in _LISTS.items():
        if annotation.startswith(f"tuple[{kind.__name__}, ...]"):
            if value is None and annotation.endswith("None"):
                return None
            if not isinstance(value, list) or not all(type(item) is kind for item in value):
                raise ValueError(f"status key {name!r} has value {value!r}, expected a list of {words}")
            return tuple(value)
    if annotation == "tuple[Delivery, ...]":
        if not isinstance(value, list):
            raise ValueError(f"status key {name!r} has value {value!r}, expected a list")
        return tuple(_part(Delivery, f"{name}.{index}", item) for index, item in enumerate(value))
    if not isinstance(value, _SCALARS[annotation]) or (isinstance(value, bool) and "bool" not in annotation):
        raise ValueError(f"status key {name!r} has value {value!r}, expected {annotation}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"status key {name!r} has value {value!r}, expected a finite number")
    return value
