"""A compiled overlay: which parameters it takes. Pure.

Source: Devicetree Specification 0.4, chapter 5 (flattened format); parameters are the properties of `/__overrides__`
(raspberrypi/documentation, configuration/device-tree.adoc).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_MAGIC = 0xD00DFEED
_BEGIN_NODE, _END_NODE, _PROPERTY, _NOP, _END = 1, 2, 3, 4, 9


def params(blob: bytes) -> frozenset[str]:
    """The names of its parameters. Raises ValueError when it is no flattened device tree, or a part of one."""
    try:
        return frozenset(name for path, name in _properties(blob) if path == ["", "__overrides__"])
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"not a whole device tree: {error}") from error


def _properties(blob: bytes) -> Iterator[tuple[list[str], str]]:
    """Every property: the names of the nodes around it from the root on, and its own."""
    magic, _, at, strings = struct.unpack_from(">4I", blob)
    if magic != _MAGIC:
        raise ValueError(f"not a device tree: begins with {magic:#010x}, expected {_MAGIC:#010x}")
    path: list[str] = []
    while (token := _word(blob, at)) != _END:
        at += 4
        if token == _BEGIN_NODE:
            name = _text(blob, at)
            path.append(name)
            at += _padded(len(name.encode()) + 1)
        elif token == _END_NODE:
            path.pop()
        elif token == _PROPERTY:
            yield path, _text(blob, strings + _word(blob, at + 4))
            at += 8 + _padded(_word(blob, at))
        elif token != _NOP:
            raise ValueError(f"not a device tree: token {token} at byte {at - 4}")


def _word(blob: bytes, at: int) -> int:
    found: int = struct.unpack_from(">I", blob, at)[0]
    return found


def _text(blob: bytes, at: int) -> str:
    end = blob.find(b"\0", at)
    if end < 0:
        raise IndexError("a name does not end")
    return blob[at:end].decode()


def _padded(length: int) -> int:
    """Everything begins at a multiple of four bytes."""
    return (length + 3) & ~3
