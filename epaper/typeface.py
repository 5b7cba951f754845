"""Terminus, a bitmap face: every character is one cell, so that a text's box is known before it is drawn."""

from __future__ import annotations

from pathlib import Path

from PIL import ImageFont

TERMINUS = Path("/usr/share/fonts/opentype/terminus")
"""Where the package fonts-terminus-otb puts it, on Debian and Ubuntu alike."""

CELLS = {12: 6, 14: 8, 16: 8, 18: 10, 20: 10, 22: 11, 24: 12, 28: 14, 32: 16}
"""Height of a line and width of a character in pixels: the strikes in the file. Other sizes do not exist."""


class FontMissing(Exception):
    """The bitmap font is not there or not readable."""


class Terminus:
    """The strikes that were asked for, opened once each."""

    def __init__(self, folder: Path = TERMINUS) -> None:
        """`folder` holds terminus-normal.otb and terminus-bold.otb. Raises FontMissing when it does not."""
        self._folder = folder
        self._open: dict[tuple[int, bool], ImageFont.FreeTypeFont] = {}
        for bold in (False, True):
            self.strike(12, bold)

    def strike(self, size: int, bold: bool) -> ImageFont.FreeTypeFont:
        """One of the sizes of CELLS. FreeType refuses any other with "invalid pixel size"."""
        font = self._open.get((size, bold))
        if font is None:
            path = self._folder / f"terminus-{'bold' if bold else 'normal'}.otb"
            if not path.is_file():  # Pillow would go through every font on the system for the name
                raise FontMissing(f"font {path} is missing; install the package fonts-terminus-otb")
            try:
                font = ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
            except OSError as error:
                raise FontMissing(f"font {path}: {error}") from error
            self._open[size, bold] = font
        return font
