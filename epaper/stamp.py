"""How old a page is, in words: its "as of". Pure."""

from __future__ import annotations

from datetime import datetime

LONGEST = 22
"""Characters; the layouts leave room for so many."""


def stamp(wall: datetime | None, up: float, boots: int | None) -> str:
    """Date and time: ink stays for years, so the year is a part of it; while `wall` is None (no clock to trust), the time since which start of the device.

    `up` is CLOCK_BOOTTIME in seconds, which also counts suspended time; `boots` is None when nobody counts the starts.
    The time is the owner's; a `Z` says that it is UTC, which it is until somebody has named a zone.
    """
    if wall is not None:
        return f"as of {wall.day} {wall:%b %y %H:%M}" + ("" if wall.utcoffset() else "Z")
    start = "as of boot" if boots is None else f"boot {boots}"
    minutes = int(up // 60)
    if minutes < 60:
        return f"{start} + {minutes} min"
    if minutes < 24 * 60:
        return f"{start} + {minutes // 60}:{minutes % 60:02} h"
    days = f"{start} + {minutes // 1440} d"
    return days if minutes >= 100 * 1440 else f"{days} {minutes // 60 % 24} h"
