"""The table on the Ready page: what the device sees and who uses it, a label and a value per row. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from epaper.page import Ready
from epaper.steady import BARS
from epaper.typeset import Block, Box, Item, Text, fit, width

_LABELS = 44
"""Width of the labels with the gap beside them, at the sizes in which a character is 8 wide."""
_ROOMY = 125
"""Values that have no more room than this, half of the glass, are set small, so that more of them is whole in one line."""
_BAR_WIDTH, _BAR_STEP = 3, 4
_GAUGE = BARS * _BAR_STEP


@dataclass(frozen=True, slots=True)
class Row:
    """One line, or two small ones. `bars` is a gauge at the right end, where there is one."""

    label: str
    value: str
    bars: int | None = None


def rows(page: Ready) -> list[Row]:
    """The most telling first."""
    found = [Row("HDMI", page.hdmi), Row("USB", page.usb)]
    if page.network:
        found.append(Row("Net", page.network))
    elif page.wifi:
        found.append(Row("Wi-Fi", page.wifi, page.bars))
    if page.heat:
        found.append(Row("Heat", page.heat))
    if not page.in_use:
        found.append(Row("Card", page.card) if page.card else Row("Web", page.web))
    return found


def table(lines: list[Row], room: Box) -> Iterator[Item]:
    """The rows in `room`: as large as all of them can be whole, long values in two small lines."""
    left, top, right, bottom = room
    sizes = [size for size in (16, 14) if size * len(lines) <= bottom - top and right - left - _LABELS > _ROOMY]
    for size in (*sizes, 12):
        values = left + (width("Wi-Fi ", size) if size == 12 else _LABELS)
        spare = bottom - top - size * len(lines)
        placed = []
        for line in lines:
            gauge = 0 if line.bars is None else _GAUGE + 4
            value = fit(line.value, (right - gauge - values, size + spare), ((size, 1), (12, 1), (12, 2)))
            spare -= max(value.height - size, 0)
            placed.append((line, value))
        if not any(value.cut for _, value in placed):
            break
    gap = min(spare // (len(lines) + 1), 5)
    for line, value in placed:
        top += gap
        yield Text(left, top, line.label, size)
        yield from value.at(values, top + max(size - value.height, 0) // 2, bold=True)
        if line.bars is not None:
            yield from _gauge(right - _GAUGE, top + size - 2, line.bars)
        top += max(value.height, size)


def _gauge(left: int, bottom: int, bars: int) -> Iterator[Item]:
    """Four bars, as many of them full as are given; the others are a stroke."""
    for number in range(BARS):
        at = left + number * _BAR_STEP
        height = 3 + 2 * number if number < bars else 1
        yield Block((at, bottom - height, at + _BAR_WIDTH, bottom))
