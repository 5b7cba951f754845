"""Draws the simulated target's screen: what a machine shows when its firmware is waiting for somebody."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from app.sim import strip

_FONTS = Path("/usr/share/fonts/opentype/terminus")
_BACK, _BAR, _INK, _DIM, _WARM = (12, 20, 58), (178, 186, 204), (226, 232, 245), (128, 144, 186), (255, 204, 102)
_LEFT, _COLUMN = 48, 14
_PROMPT_TOP, _ROW = 316, 32
_ARROW = ((0, 0), (0, 22), (5, 17), (9, 26), (13, 24), (9, 16), (16, 16))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of the target's state."""

    lines: tuple[str, ...]
    pointer: tuple[int, int]
    buttons: int
    keys: tuple[int, ...]
    modifiers: int
    caps: bool
    wheel: int
    uptime: float
    """Seconds."""


class FontMissing(RuntimeError):
    """The page's font is not installed."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is missing: install the Debian package fonts-terminus-otb")


class Page:
    """The screen's fixed parts, drawn once, and what moves on top of them."""

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._text = _font("terminus-normal.otb", 28)
        self._title = _font("terminus-bold.otb", 28)
        self.columns = (width - 2 * _LEFT) // _COLUMN - 4
        self.rows = (height - strip.HEIGHT - 40 - _PROMPT_TOP) // _ROW
        self._still = self._draw_still()

    def draw(self, shown: Shown, code: bytes) -> Image.Image:
        """One frame; `code` is the strip's payload."""
        image = self._still.copy()
        draw = ImageDraw.Draw(image)
        clock = time.strftime("%H:%M:%S")
        draw.text((self._size[0] - _LEFT - 8 * _COLUMN, 14), clock, _BACK, self._title)
        hours, seconds = divmod(int(shown.uptime), 3600)
        up = f"{hours}:{seconds // 60:02}:{seconds % 60:02}.{int(shown.uptime * 10) % 10}"
        keys = " ".join(f"{usage:02x}" for usage in shown.keys) or "-"
        self._field(draw, 0, up)
        self._field(draw, 1, f"{keys}  modifiers {shown.modifiers:08b}  caps {'on' if shown.caps else 'off'}")
        x, y = shown.pointer
        self._field(draw, 2, f"{x},{y}  buttons {shown.buttons:05b}  wheel {shown.wheel}")
        for row, line in enumerate(shown.lines):
            prompt = "> " if row == len(shown.lines) - 1 else "  "
            cursor = "_" if prompt == "> " and int(shown.uptime * 2) % 2 else ""
            draw.text((_LEFT, _PROMPT_TOP + row * _ROW), prompt + line + cursor, _INK, self._text)
        draw.polygon([(x + dx, y + dy) for dx, dy in _ARROW], fill=_WARM, outline=_BACK)
        image.paste(self._strip(code), (0, self._size[1] - strip.HEIGHT))
        return image

    def _field(self, draw: ImageDraw.ImageDraw, row: int, text: str) -> None:
        draw.text((_LEFT + 12 * _COLUMN, 118 + row * _ROW), text, _INK, self._text)

    def _draw_still(self) -> Image.Image:
        width, _height = self._size
        image = Image.new("RGB", self._size, _BACK)
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, 0, width, 56), fill=_BAR)
        draw.text((_LEFT, 14), "inkvm simulated target", _BACK, self._title)
        for row, name in enumerate(("uptime", "keys", "pointer")):
            draw.text((_LEFT, 118 + row * _ROW), name, _DIM, self._text)
        draw.line((_LEFT, 244, width - _LEFT, 244), fill=_DIM)
        draw.text((_LEFT, 266), "Type here. Enter: new line, Escape: clear.", _DIM, self._text)
        return image

    @staticmethod
    def _strip(code: bytes) -> Image.Image:
        bits = Image.frombytes("1", (strip.COLUMNS, strip.ROWS), code)
        return bits.resize((strip.WIDTH, strip.HEIGHT), Image.Resampling.NEAREST).convert("RGB")


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """Raises FontMissing."""
    path = _FONTS / name
    if not path.exists():
        raise FontMissing(path)
    return ImageFont.truetype(str(path), size)
