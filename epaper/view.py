"""A page as a 1-bit picture, landscape, and as the panel's bytes."""

from __future__ import annotations

from PIL import Image

from epaper import panel
from epaper.layout import layout
from epaper.page import Page
from epaper.sheet import HEIGHT, WIDTH
from epaper.typeface import Terminus
from epaper.typeset import Bitmap, Block, Modules, Text


class View:
    """Draws pages. The stamp is no part of a page, so that time alone is no reason to draw."""

    def __init__(self, terminus: Terminus) -> None:
        """`terminus` is the face of everything."""
        self._terminus = terminus

    def picture(self, page: Page, stamp: str) -> Image.Image:
        """Mode "1", landscape, white is 1."""
        image = Image.new("1", (WIDTH, HEIGHT), 1)
        for item in layout(page, stamp):
            match item:
                case Block(box):
                    image.paste(0, box)
                case Text():
                    self._write(image, item)
                case Modules():
                    _draw_modules(image, item)
                case Bitmap():
                    image.paste(Image.frombytes("1", item.size, item.rows), (item.left, item.top))
        return image

    def _write(self, image: Image.Image, text: Text) -> None:
        strike, left = self._terminus.strike(text.size, text.bold), text.left
        for character in text.text:
            cell = strike.cell(character)
            image.paste(int(text.white), (left, text.top, left + cell.width, text.top + cell.height), cell)
            left += cell.width

    def frame(self, page: Page, stamp: str) -> bytes:
        """The picture as `panel` sends it."""
        return pack(self.picture(page, stamp))


def pack(picture: Image.Image) -> bytes:
    """A landscape picture as the controller's RAM: turned a quarter counter-clockwise, rows padded with white."""
    frame = Image.new("1", (panel.ROW_BYTES * 8, panel.HEIGHT), 1)
    frame.paste(picture.transpose(Image.Transpose.ROTATE_90), (0, 0))
    return frame.tobytes()


def _draw_modules(image: Image.Image, code: Modules) -> None:
    left, top = code.left + 4 * code.scale, code.top + 4 * code.scale
    for y, row in enumerate(code.rows):
        for x, black in enumerate(row):
            if black:
                corner = (left + x * code.scale, top + y * code.scale)
                image.paste(0, (*corner, corner[0] + code.scale, corner[1] + code.scale))
