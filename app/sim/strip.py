"""The machine-readable strip along the bottom of the simulated target's screen.

What a test reads back from a painted canvas: three rows of black and white cells that survive lossy video coding,
because a cell is ten pixels wide and only its centre is looked at. The rows' bits, left to right and top to bottom, are the payload,
most significant bit first: magic, frame number, pointer, buttons, characters typed so far, the last of them, CRC-32.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

CELL = 10
COLUMNS = 128
ROWS = 3
WIDTH = CELL * COLUMNS
HEIGHT = CELL * ROWS

_LAYOUT = struct.Struct(">2sIHHBH31sI")
_MAGIC = b"\xa5\x5a"
_TEXT = 31


class StripError(ValueError):
    """The pixels do not hold a strip."""


@dataclass(frozen=True, slots=True)
class Strip:
    """What the target says about itself."""

    frame: int
    pointer: tuple[int, int]
    """In pixels of the target's screen."""
    buttons: int
    """Bit 0 left, 1 right, 2 middle, as in a HID report."""
    typed: int
    """How many characters have been received, modulo 65536."""
    text: str
    """The last of them, at most 31."""


def encode(strip: Strip) -> bytes:
    """The payload, 48 bytes: one bit a cell."""
    text = strip.text.encode("ascii", "replace")[-_TEXT:]
    body = _LAYOUT.pack(_MAGIC, strip.frame & 0xFFFFFFFF, *strip.pointer, strip.buttons, strip.typed & 0xFFFF, text, 0)
    body = body[:-4]
    return body + zlib.crc32(body).to_bytes(4, "big")


def decode(luma: Callable[[int, int], int], top: int) -> Strip:
    """Read the strip whose first row starts at line `top` of the picture.

    Args:
        luma: brightness, 0 to 255, of the picture's pixel at x, y.
        top: in pixels; `picture height - HEIGHT` for the simulated target.

    Raises:
        StripError: magic or checksum do not match.
    """
    payload = bytearray(COLUMNS * ROWS // 8)
    for row in range(ROWS):
        for column in range(COLUMNS):
            if luma(column * CELL + CELL // 2, top + row * CELL + CELL // 2) >= 128:
                bit = row * COLUMNS + column
                payload[bit // 8] |= 0x80 >> bit % 8
    magic, frame, x, y, buttons, typed, text, crc = _LAYOUT.unpack(payload)
    if magic != _MAGIC or crc != zlib.crc32(payload[:-4]):
        raise StripError("no strip here: magic or checksum is wrong")
    return Strip(frame, (x, y), buttons, typed, text.rstrip(b"\0").decode("ascii"))
