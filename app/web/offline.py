"""The picture of having no picture: for scripts and walls of screens that show whatever the snapshot's address gives."""

from __future__ import annotations

import textwrap
from typing import Final

from app.video.picture import Kind, encode

_SIZE: Final = (640, 360)
_MARGIN: Final = 32


def card(title: str, reason: str, kind: Kind) -> bytes:
    """The file's bytes: white words on black. Takes a tenth of a second of one core: not for the event loop."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", _SIZE, "black")
    draw = ImageDraw.Draw(image)
    draw.text((_MARGIN, 96), title, "white", ImageFont.load_default(36))
    draw.multiline_text((_MARGIN, 168), textwrap.fill(reason, 48), "#c8c8c8", ImageFont.load_default(22), spacing=8)
    return encode(image, kind)
