"""Draws every page anew: the golden pictures, and the README's sheet of them. `python3 -m tests.epaper.pictures`.

Look at what changed before committing it: the tests compare with these files, pixel for pixel.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from epaper.sample import STAMP, samples
from epaper.sheet import HEIGHT, WIDTH
from epaper.typeface import Terminus
from epaper.view import View
from tests.appliance import ROOT

GOLDEN = Path(__file__).with_name("golden")
SHEET = ("set-up", "ready", "in-use", "no-signal", "problem", "certificate", "starting", "stopped")
"""What the README shows, row by row."""
COLUMNS, SCALE, GAP = 2, 2, 16
FRAME = 0xD0
"""The grey around the glass."""


def sheet(pictures: list[Image.Image]) -> Image.Image:
    """The pictures side by side at twice their size, so that their pixels stay square and sharp."""
    width, height = WIDTH * SCALE, HEIGHT * SCALE
    rows = -(-len(pictures) // COLUMNS)
    result = Image.new("L", (GAP + COLUMNS * (width + GAP), GAP + rows * (height + GAP)), FRAME)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, COLUMNS)
        large = picture.convert("L").resize((width, height), Image.Resampling.NEAREST)
        result.paste(large, (GAP + column * (width + GAP), GAP + row * (height + GAP)))
    return result


def main() -> None:
    """Replace them all."""
    view = View(Terminus())
    pages = samples()
    for old in GOLDEN.glob("*.png"):
        old.unlink()
    for name, page in pages.items():
        view.picture(page, STAMP).save(GOLDEN / f"{name}.png", optimize=True)
    sheet([view.picture(pages[name], STAMP) for name in SHEET]).save(ROOT / "docs" / "panel.png", optimize=True)


if __name__ == "__main__":
    main()
