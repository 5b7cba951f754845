"""Setting text in boxes of a 1-bit picture: what fits where, in which size, before anything is drawn. Pure.

All lengths are pixels. A box is (left, top, right, bottom), right and bottom excluded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from epaper.typeface import CELLS

Box = tuple[int, int, int, int]
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Text:
    """One line in one size. `white` on a black ground."""

    left: int
    top: int
    text: str
    size: int
    bold: bool = False
    white: bool = False

    @property
    def box(self) -> Box:
        """The line's cells."""
        return self.left, self.top, self.left + width(self.text, self.size), self.top + self.size


@dataclass(frozen=True, slots=True)
class Block:
    """A black rectangle."""

    box: Box


@dataclass(frozen=True, slots=True)
class Modules:
    """A QR code's rows, True is black, `scale` pixels each, with its quiet zone of four modules around."""

    left: int
    top: int
    rows: tuple[tuple[bool, ...], ...]
    scale: int

    @property
    def box(self) -> Box:
        """With the quiet zone."""
        side = (len(self.rows) + 8) * self.scale
        return self.left, self.top, self.left + side, self.top + side


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A picture of `size` pixels: rows of bits, 1 is white, padded to whole bytes."""

    left: int
    top: int
    size: tuple[int, int]
    rows: bytes

    @property
    def box(self) -> Box:
        """All of it."""
        return self.left, self.top, self.left + self.size[0], self.top + self.size[1]


Item = Text | Block | Modules | Bitmap


@dataclass(frozen=True, slots=True)
class Fit:
    """How a text fits: its lines, all of one size. `cut` when an ellipsis stands for the rest."""

    size: int
    lines: tuple[str, ...]
    cut: bool = False

    @property
    def height(self) -> int:
        """Of all lines together."""
        return self.size * len(self.lines)

    def at(self, left: int, top: int, *, bold: bool = False, white: bool = False) -> Iterator[Text]:
        """The lines, below each other from a corner; an empty one is nothing to draw."""
        for number, line in enumerate(self.lines):
            if line:
                yield Text(left, top + number * self.size, line, self.size, bold, white)


def width(text: str, size: int) -> int:
    """Of a line."""
    return CELLS[size] * len(text)


def printable(text: str) -> str:
    """One line without control characters: a host name or an account comes from elsewhere."""
    return "".join(character if character.isprintable() else "?" for character in text)


def fit(text: str, room: tuple[int, int], tries: Iterable[tuple[int, int]], after: str = " ") -> Fit:
    """The first of `tries` (size, most lines) that takes `text` into `room` (width, height), broken after `after`.

    If none does, the last that is not higher than the room, broken anywhere; if the text is longer than that, it is
    broken after `after` again as far as it can be, and ends in an ellipsis.
    """
    text = printable(text)
    size, most = min(CELLS), 1
    for trial, lines in tries:
        if room[1] // trial < 1:
            continue
        size, most = trial, min(lines, room[1] // trial)
        whole = _wrap(text, room[0] // CELLS[size], after)
        if whole is not None and len(whole) <= most:
            return Fit(size, _trimmed(whole))
    columns = room[0] // CELLS[size]
    if len(text) <= columns * most:
        return Fit(size, _chop(text, columns))
    return Fit(size, _cut(text, columns, most, after), cut=True)


def shorten(text: str, columns: int) -> str:
    """At most so many characters: an ellipsis in the middle, because what tells two names apart is at one of their ends."""
    text = printable(text)
    if len(text) <= columns:
        return text
    tail = columns // 2
    return text[: columns - 1 - tail] + ELLIPSIS + text[len(text) - tail :]


def _chop(text: str, columns: int) -> tuple[str, ...]:
    """Broken anywhere."""
    return tuple(text[start : start + columns] for start in range(0, len(text), columns))


def _cut(text: str, columns: int, most: int, after: str) -> tuple[str, ...]:
    """As much as there is in `most` lines, which is not all of it."""
    lines = _wrap(text, columns, after)
    if lines is None:
        return _chop(text[: columns * most - 1] + ELLIPSIS, columns)
    rest = "".join(lines[most - 1 :])
    return *_trimmed(lines[: most - 1]), rest[: columns - 1].rstrip() + ELLIPSIS


def _trimmed(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line.rstrip() for line in lines)


def _wrap(text: str, columns: int, after: str) -> tuple[str, ...] | None:
    """Greedy lines of at most `columns` and the spaces after them; None when one piece alone is longer."""
    pieces: Sequence[str] = re.findall(f"[^{re.escape(after)}]*[{re.escape(after)}]|[^{re.escape(after)}]+", text)
    lines = [""]
    for piece in pieces:
        if len(piece.rstrip()) > columns:
            return None
        if len((lines[-1] + piece).rstrip()) > columns:
            lines.append("")
        lines[-1] += piece
    return tuple(lines)
