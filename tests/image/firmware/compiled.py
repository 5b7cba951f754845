"""A device tree compiler, as far as the tests need one: nodes in nodes, properties without meaning."""

from __future__ import annotations

import struct
from collections.abc import Mapping

Node = Mapping[str, "bytes | Node"]


def overlay(*params: str) -> bytes:
    """What the kernel's build makes of an overlay with these parameters; its other nodes have names that are none."""
    body = {"target": bytes(4), "__overlay__": {"status": b"okay\0"}}
    return tree(
        {"compatible": b"brcm,bcm2835\0", "fragment@0": body, "__overrides__": dict.fromkeys(params, b"\0\0\0\1x:0\0")}
    )


def tree(root: Node) -> bytes:
    """Devicetree Specification 0.4, chapter 5: header, no reservations, structure, strings."""
    names: list[str] = []
    structure = struct.pack(">I", 4) + _node("", root, names) + struct.pack(">I", 9)
    strings = b"".join(name.encode() + b"\0" for name in names)
    start, text = 56, 56 + len(structure)
    header = struct.pack(
        ">10I", 0xD00DFEED, text + len(strings), start, text, 40, 17, 16, 0, len(strings), len(structure)
    )
    return header + bytes(16) + structure + strings


def _node(name: str, content: Node, names: list[str]) -> bytes:
    result = struct.pack(">I", 1) + _padded(name.encode() + b"\0")
    for key, value in content.items():
        if isinstance(value, bytes):
            offset = sum(len(known) + 1 for known in names)
            names.append(key)
            result += struct.pack(">3I", 3, len(value), offset) + _padded(value)
        else:
            result += _node(key, value, names)
    return result + struct.pack(">I", 2)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
