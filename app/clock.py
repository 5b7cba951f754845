"""What time it is, and whether anybody knows: the board has no battery, and before the network has said it there is no date."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from app.status import Time

SYNCHRONISED: Final = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd makes it when it has set the clock, and it is gone with the next start."""
_INTERVAL = 1.0
"""Seconds between two looks."""


class Clock:
    """The time of day.

    Args:
        mark: a file that is there once the clock was set; None where the machine keeps the time, as under a simulation.
        wall: seconds since the epoch: never before the truth unless somebody lied, and maybe years before it.
        uptime: seconds since the start of the machine, sleep included: they always count.
    """

    def __init__(
        self,
        mark: Path | None,
        wall: Callable[[], float] = time.time,
        uptime: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
    ) -> None:
        self._mark = mark
        self.wall = wall
        self.uptime = uptime

    @property
    def known(self) -> bool:
        """Whether it is the true time."""
        return self._mark is None or self._mark.exists()

    def true(self) -> float | None:
        """Seconds since the epoch; None while nobody knows."""
        return self.wall() if self.known else None

    async def follow(self, publish: Callable[[Time], None]) -> None:
        """Say it once a second, until cancelled."""
        import asyncio  # root's one-shots only ask what time it is

        from app.status import Time

        while True:
            publish(Time(synchronised=self.known))
            await asyncio.sleep(_INTERVAL)
