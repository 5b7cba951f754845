"""How old a page is, in words: its "as of". Pure."""

from __future__ import annotations

from datetime import datetime

LONGEST = 22
"""Characters; the layouts leave room for so many."""


def stamp(wall: datetime | None, up: float, boots: int | None) -> str:
    """Date, time and zone; while `wall` is None (no clock to trust), the time since which start of the device.

    `up` is CLOCK_BOOTTIME in seconds, which also counts suspended time; `boots` is None when nobody counts the starts.
    A zone with too long a name is left out.
    """
    if wall is not None:
        words = f"as of {wall.day} {wall:%b %H:%M}"
        zoned = f"{words} {wall:%Z}".rstrip()
        return zoned if len(zoned) <= LONGEST else words
    start = "as of boot" if boots is None else f"boot {boots}"
    minutes = int(up // 60)
    if minutes < 60:
        return f"{start} + {minutes} min"
    if minutes < 24 * 60:
        return f"{start} + {minutes // 60}:{minutes % 60:02} h"
    days = f"{start} + {minutes // 1440} d"
    return days if minutes >= 100 * 1440 else f"{days} {minutes // 60 % 24} h"
