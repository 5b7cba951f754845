"""Notices that the video thread does not come back from a driver, which nobody on that thread can say."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from app.status import Encoder

LATE: Final = 1_500_000
"""For the thread while an encoder runs: a round takes milliseconds then."""
SETTING_UP: Final = 10_000_000
"""Otherwise: a new encoder may have libraries to load, and a driver takes 2 s to stop."""
HOPELESS: Final = 30_000_000
"""From then on only a reboot helps."""
HOPELESS_SETTING_UP: Final = 120_000_000
"""The same while an encoder is set up or stopped: a slow card takes its time over libraries. Microseconds, all four."""
LOOK: Final = 0.4
"""Seconds between two looks: known within 2 s."""
WORDS: Final = "the video driver does not return"


class Vigil:
    """Looks at the thread from the event loop.

    Args:
        busy: microseconds since the thread last woke from its sleep, which is a second at most.
        encoder: what the encoder is called now.
        report: told what it is instead.
        request_reboot: told why; says in words what came of it.
    """

    def __init__(
        self,
        busy: Callable[[], int],
        encoder: Callable[[], Encoder],
        report: Callable[[Encoder], object],
        request_reboot: Callable[[str], Awaitable[str]],
    ) -> None:
        self._busy = busy
        self._encoder = encoder
        self._report = report
        self._request_reboot = request_reboot
        self._before = Encoder()
        self._told: Encoder | None = None
        self._asked = False

    async def follow(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """Say what is new."""
        busy, now = self._busy(), self._encoder()
        if self._told is None:
            if busy > (LATE if now.state == "running" else SETTING_UP):
                self._before, self._asked = now, False
                self._tell(replace(now, state="stalled", reason=WORDS))
        elif busy <= LATE:
            # What the thread has found out meanwhile stands; otherwise all is as it was.
            if now == self._told:
                self._report(self._before)
            self._told = None
        elif busy > (HOPELESS if self._before.state == "running" else HOPELESS_SETTING_UP) and not self._asked:
            self._asked = True
            words = await self._request_reboot(WORDS)
            self._tell(replace(self._told, state="failed", reason=f"{WORDS}; {words}"))

    def _tell(self, status: Encoder) -> None:
        self._told = status
        self._report(status)
