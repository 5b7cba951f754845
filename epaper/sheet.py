"""What all pages are laid out on: the measures of the glass, the bar at its top, and where the device is. Pure."""

from __future__ import annotations

from epaper import panel
from epaper.typeset import Block, Fit, Item, Text, fit, shorten, width

WIDTH, HEIGHT = panel.HEIGHT, panel.WIDTH
"""Pixels. The device lies on its long side."""
MARGIN = 5
INNER = WIDTH - 2 * MARGIN
LINE = 12
"""Height of a small line."""
BAR = 15
"""Height of a black bar with one small line in it."""
ADDRESS_BREAKS = ".:/-"
_ADDRESS_SIZES = ((32, 1), (28, 1), (24, 1), (22, 1), (20, 1), (20, 2))


def header(host: str, stamp: str, lines: int = 2) -> tuple[int, list[Item]]:
    """The black bar with the device's name, in `lines` at most, and the page's age; its height first."""
    age = Text(WIDTH - MARGIN - width(stamp, LINE), 2, stamp, LINE, white=True)
    name = _name(host, age.left - 2 * MARGIN, ((16, 1), (LINE, 1), (LINE, lines)))
    height = max(name.height, BAR) + 1
    return height, [
        Block((0, 0, WIDTH, height)),
        *name.at(MARGIN, (height - name.height) // 2, bold=True, white=True),
        age,
    ]


def short_header(host: str, stamp: str, right: int) -> tuple[int, list[Item]]:
    """The bar as far as a code at the right leaves it, to `right`: the name above the age, or without one the age alone."""
    name = _name(host, right - MARGIN, ((LINE, 1),)) if host else Fit(LINE, ())
    height = BAR + name.height
    return height, [
        Block((0, 0, right, height)),
        *name.at(MARGIN, 1, bold=True, white=True),
        Text(MARGIN, height - BAR + 1, stamp, LINE, white=True),
    ]


def _name(host: str, room: int, tries: tuple[tuple[int, int], ...]) -> Fit:
    """As large as it fits; one that does not is told from others by its ends, and `.local` tells it from none."""
    whole = fit(host, (room, 2 * LINE), tries, after="-.")
    if not whole.cut:
        return whole
    most = len(whole.lines) * (room // width(" ", whole.size))
    return fit(shorten(host.removesuffix(".local"), most), (room, 2 * LINE), tries, after="-.")


def place(text: str, room: tuple[int, int], largest: int = 32) -> Fit:
    """An address as large as it fits and may be, in two lines if need be; or the words why there is none."""
    if " " in text:
        return fit(text, room, ((20, 1), (16, 2), (LINE, 3)))
    sizes = [(size, lines) for size, lines in _ADDRESS_SIZES if size <= largest]
    return fit(text, room, sizes, ADDRESS_BREAKS)
