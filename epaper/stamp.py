"""How old a page is, in words: its "as of". Pure."""

from __future__ import annotations

from datetime import datetime

LONGEST = 22
"""Characters; the layouts leave room for so many."""


def stamp(wall: datetime | None, boot: float) -> str:
    """Date, time and zone; while `wall` is None (no clock to trust), the time since boot.

    `boot` is CLOCK_BOOTTIME in seconds, which also counts suspended time. A zone with too long a name is left out.
    """
    if wall is not None:
        words = f"as of {wall.day} {wall:%b %H:%M}"
        zoned = f"{words} {wall:%Z}".rstrip()
        return zoned if len(zoned) <= LONGEST else words
    minutes = int(boot // 60)
    if minutes < 60:
        return f"as of boot + {minutes} min"
    if minutes < 24 * 60:
        return f"as of boot + {minutes // 60}:{minutes % 60:02} h"
    return f"as of boot + {minutes // 1440} d {minutes // 60 % 24} h"
