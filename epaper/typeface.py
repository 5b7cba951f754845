"""Terminus, a bitmap face: every character is one cell, so that a text's box is known before it is drawn.

The strikes are read from the font's own tables: FreeType, and what it brings along to shape text that needs it, would be
a tenth of this process's memory. Source: the OpenType specification, tables `cmap` (format 4), `EBLC` (index format 2)
and `EBDT` (image format 5).
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

from PIL import Image

TERMINUS = Path("/usr/share/fonts/opentype/terminus")
"""Where the package fonts-terminus-otb puts it, on Debian and Ubuntu alike."""

CELLS = {12: 6, 14: 8, 16: 8, 18: 10, 20: 10, 22: 11, 24: 12, 28: 14, 32: 16}
"""Height of a line and width of a character in pixels: the strikes in the file. Other sizes do not exist."""

_WINDOWS_UNICODE = (3, 1)


class FontMissing(Exception):
    """The bitmap font is not there or not readable."""


class Strike:
    """One size of one face."""

    def __init__(self, font: mmap.mmap, glyphs: dict[int, int], at: int, size: tuple[int, int, int]) -> None:
        """`glyphs` is character to number; the cells begin `at`, from number `size[2]` on, `size[0]` by `size[1]` pixels."""
        self._font = font
        self._glyphs = glyphs
        self._at = at
        self._width, self._height, self._first = size
        self._cells: dict[str, Image.Image] = {}

    def cell(self, character: str) -> Image.Image:
        """Mode "1", 1 is ink; a question mark's for what the face does not have."""
        cell = self._cells.get(character)
        if cell is None:
            number = self._glyphs.get(ord(character), self._glyphs[ord("?")]) - self._first
            cell = self._cells[character] = self._read(number)
        return cell

    def _read(self, number: int) -> Image.Image:
        """Its bits follow each other without regard to bytes; Pillow's rows begin with a byte."""
        width, height = self._width, self._height
        length = (width * height + 7) // 8
        start = self._at + number * length
        bits = int.from_bytes(self._font[start : start + length], "big") >> (length * 8 - width * height)
        stride = (width + 7) // 8
        rows = (bits >> (width * row) & ((1 << width) - 1) for row in reversed(range(height)))
        data = b"".join((row << (stride * 8 - width)).to_bytes(stride, "big") for row in rows)
        return Image.frombytes("1", (width, height), data)


class Terminus:
    """The strikes of both faces."""

    def __init__(self, folder: Path = TERMINUS) -> None:
        """`folder` holds terminus-normal.otb and terminus-bold.otb. Raises FontMissing when it does not."""
        self._strikes = {
            (size, bold): strike
            for bold in (False, True)
            for size, strike in _strikes(folder / f"terminus-{'bold' if bold else 'normal'}.otb").items()
        }

    def strike(self, size: int, bold: bool) -> Strike:
        """One of the sizes of CELLS."""
        return self._strikes[size, bold]


def _strikes(path: Path) -> dict[int, Strike]:
    try:
        with path.open("rb") as file:  # mapped, because a few of its 1300 characters are all that is ever looked at
            font = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise FontMissing(f"font {path} is missing; install the package fonts-terminus-otb") from error
    try:
        count = struct.unpack_from(">H", font, 4)[0]
        records = (struct.unpack_from(">4s4xI4x", font, 12 + 16 * number) for number in range(count))
        tables: dict[bytes, int] = dict(records)
        glyphs = _glyphs(font, tables[b"cmap"])
        sizes = struct.unpack_from(">I", font, tables[b"EBLC"] + 4)[0]
        found = [_strike(font, glyphs, tables, 8 + 48 * number) for number in range(sizes)]
    except (struct.error, KeyError) as error:
        raise FontMissing(f"font {path} is not one with bitmaps; install the package fonts-terminus-otb") from error
    strikes = dict(found)
    if {size: strike.cell("x").width for size, strike in strikes.items()} != CELLS:
        raise FontMissing(f"font {path} has the sizes {sorted(strikes)}, expected {sorted(CELLS)}")
    return strikes


def _glyphs(font: mmap.mmap, cmap: int) -> dict[int, int]:
    """Unicode to glyph number: runs of characters, each with what to add, or with a place in a list of numbers."""
    for number in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        platform, encoding, offset = struct.unpack_from(">HHI", font, cmap + 4 + 8 * number)
        if (platform, encoding) == _WINDOWS_UNICODE:
            break
    at = cmap + offset
    runs = struct.unpack_from(">H", font, at + 6)[0] // 2
    words = f">{runs}H"
    ends, starts, deltas, offsets = (
        struct.unpack_from(words, font, at + 14 + runs * 2 * part + 2 * bool(part)) for part in range(4)
    )
    glyphs = {}
    for run, (start, end, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for character in range(start, min(end, 0xFFFE) + 1):
            glyph = character
            if offset:
                place = at + 16 + runs * 6 + 2 * run + offset + 2 * (character - start)
                glyph = struct.unpack_from(">H", font, place)[0]
            glyphs[character] = (glyph + delta) & 0xFFFF
    return glyphs


def _strike(font: mmap.mmap, glyphs: dict[int, int], tables: dict[bytes, int], record: int) -> tuple[int, Strike]:
    """The size, and the run of cells that are all alike. Raises KeyError when there is none."""
    index = tables[b"EBLC"]
    array, _, runs = struct.unpack_from(">III", font, index + record)
    for run in range(runs):
        first, _, offset = struct.unpack_from(">HHI", font, index + array + 8 * run)
        header = index + array + offset
        if struct.unpack_from(">HH", font, header) == (2, 5):
            data = struct.unpack_from(">I", font, header + 4)[0]
            height, width = struct.unpack_from(">BB", font, header + 12)
            return height, Strike(font, glyphs, tables[b"EBDT"] + data, (width, height, first))
    raise KeyError("EBLC")
