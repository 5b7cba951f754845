"""A page as a 1-bit picture, landscape, and as the panel's bytes."""

from __future__ import annotations

from PIL import Image, ImageDraw

from epaper import panel
from epaper.layout import HEIGHT, WIDTH, layout
from epaper.page import Page
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
        draw = ImageDraw.Draw(image)
        for item in layout(page, stamp):
            match item:
                case Block((left, top, right, bottom)):
                    draw.rectangle((left, top, right - 1, bottom - 1), fill=0)
                case Text():
                    font = self._terminus.strike(item.size, item.bold)
                    draw.text((item.left, item.top), item.text, fill=int(item.white), font=font)
                case Modules():
                    _draw_modules(draw, item)
                case Bitmap():
                    image.paste(Image.frombytes("1", item.size, item.rows), (item.left, item.top))
        return image

    def frame(self, page: Page, stamp: str) -> bytes:
        """The picture as `panel` sends it."""
        return pack(self.picture(page, stamp))


def pack(picture: Image.Image) -> bytes:
    """A landscape picture as the controller's RAM: turned a quarter counter-clockwise, rows padded with white."""
    frame = Image.new("1", (panel.ROW_BYTES * 8, panel.HEIGHT), 1)
    frame.paste(picture.transpose(Image.Transpose.ROTATE_90), (0, 0))
    return frame.tobytes()


def _draw_modules(draw: ImageDraw.ImageDraw, code: Modules) -> None:
    left, top = code.left + 4 * code.scale, code.top + 4 * code.scale
    for y, row in enumerate(code.rows):
        for x, black in enumerate(row):
            if black:
                corner = (left + x * code.scale, top + y * code.scale)
                draw.rectangle((*corner, corner[0] + code.scale - 1, corner[1] + code.scale - 1), fill=0)
