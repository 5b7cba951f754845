"""Moves the mouse now and then, so that the target does not take its user for gone. Off until somebody turns it on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from app.hid.desk import Desk
from app.status import Jiggling

PERIOD = 60.0
"""Seconds that nobody touched the desk."""


class Jiggler:
    """Needs no control and takes none: it moves only where nobody does, and by nothing in the end.

    Args:
        desk: whose mouse it moves.
        publish: told when it is turned on or off.
        sleep: waits for so many seconds.
        active: whether it is on at first.
    """

    def __init__(
        self,
        desk: Desk,
        publish: Callable[[Jiggling], None],
        sleep: Callable[[float], Awaitable[None]],
        *,
        active: bool,
    ) -> None:
        self._desk = desk
        self._publish = publish
        self._sleep = sleep
        self.turn(active=active)

    def turn(self, *, active: bool) -> None:
        """On or off."""
        self._active = active
        self._publish(Jiggling(active))

    async def run(self) -> None:
        """For ever."""
        while True:
            await self._sleep(PERIOD)
            if self._active and self._desk.idle >= PERIOD:
                self._desk.jiggle()
