"""How late a client's messages arrive, by the times it puts on them.

Neither clock is set by the other, so only differences count: the fastest message of the last minute or two is taken for one that
was not late. A stall of the network, after which everything arrives at once, shows in all that was sent during it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

_WINDOW = 60.0
"""Seconds after which the clocks may have drifted apart by milliseconds, and the fastest message is looked for anew."""


class Freshness:
    """One client's clock against ours.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._best = self._before = math.inf
        self._since = -math.inf

    def age(self, sent: float) -> float:
        """Seconds that this message took longer than the fastest one; `sent` is in seconds of the client's clock."""
        now = self._clock()
        if now - self._since > _WINDOW:
            self._before, self._best, self._since = self._best, math.inf, now
        lag = now - sent
        self._best = min(self._best, lag)
        return lag - min(self._best, self._before)
