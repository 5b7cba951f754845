"""Reads the glass: a text is on a picture where the same letters are that FreeType draws, in one of the sizes and faces."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageFont

from epaper.typeface import CELLS, TERMINUS


def reads(picture: Image.Image, text: str) -> bool:
    """Whether the text stands somewhere in one line, black on white or white on black."""
    black = _rows(picture)
    white = [row.translate(str.maketrans("# ", " #")) for row in black]
    return any(_found(rows, letters) for letters in _drawn(text) for rows in (black, white))


def _drawn(text: str) -> Iterator[list[str]]:
    for face in ("normal", "bold"):
        for size, width in CELLS.items():
            font = ImageFont.truetype(
                str(TERMINUS / f"terminus-{face}.otb"), size, layout_engine=ImageFont.Layout.BASIC
            )
            line = Image.new("1", (width * len(text), size), 1)
            ImageDraw.Draw(line).text((0, 0), text, fill=0, font=font)
            yield _rows(line)


def _rows(picture: Image.Image) -> list[str]:
    """A sign for each pixel."""
    return [
        "".join("#" if not picture.getpixel((x, y)) else " " for x in range(picture.width))
        for y in range(picture.height)
    ]


def _found(rows: list[str], letters: list[str]) -> bool:
    for top in range(len(rows) - len(letters) + 1):
        left = rows[top].find(letters[0])
        while left >= 0:
            if all(rows[top + below].startswith(part, left) for below, part in enumerate(letters)):
                return True
            left = rows[top].find(letters[0], left + 1)
    return False
