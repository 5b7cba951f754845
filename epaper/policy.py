"""When to refresh the glass, and how: pure, on times that the caller gives.

Waveshare's advice is a full refresh after about five partial ones and at least once a day, 180 s between refreshes,
and deep sleep in between. People wait for some changes, so those do not wait; but one that comes and goes for days, of
a cable with a bad contact, say, must not cost the glass its life: they have a budget.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Literal, Protocol

GAP = 1.5
"""Seconds between two refreshes even for important changes; with a full refresh under way still within 5 s."""
BUDGET, REFILL = 20, 60.0
"""Important changes that can be drawn at once, and the seconds in which the room for one more comes back."""
COSMETIC_INTERVAL = 60.0
LIVE_INTERVAL = 3600.0
"""How old the "as of" of a page with an address may get."""
DAILY = 86400.0
FULL_INTERVAL = 180.0
"""Seconds between full refreshes that nobody waits for."""
PARTIALS = 5
"""Partial refreshes in a row; the next one flashes, and comes by itself once nothing has happened for a minute."""
LINGER = 10.0
"""Seconds after a refresh until deep sleep: changes come in bursts."""
RETRY_FIRST, RETRY_MOST = 5.0, 300.0

Action = Literal["full", "fast", "partial", "sleep"]
"""`full` and `fast` flash; `fast` is for those who wait, and takes the shortest flashing waveform."""


class Content(Protocol):
    """What the policy needs of a page, besides equality."""

    @property
    def headline(self) -> Hashable:
        """What is drawn at once when it changes."""

    @property
    def live(self) -> bool:
        """Whether it claims to be current, so that its "as of" has to stay young."""


class Policy:
    """Remembers what the glass shows. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        """Nothing is known about the glass yet."""
        self._shown: Content | None = None
        self._awake = False
        self._partials = 0
        self._drawn = self._full = self._flashed = 0.0
        self._failures = 0
        self._retry = 0.0
        self._budget = float(BUDGET)
        """As of the latest refresh."""

    def due(self, page: Content) -> tuple[float, Action]:
        """What to do next if `page` stays what it is, and when (a time in the past means now)."""
        if self._shown is None:
            return self._retry, "full"
        when, action = self._refresh(self._shown, page)
        asleep_by = self._drawn + LINGER
        return (asleep_by, "sleep") if self._awake and asleep_by < when else (when, action)

    def drew(self, page: Content, action: Action, now: float) -> None:
        """The glass shows `page` since `now`."""
        self._budget = min(self._budget + (now - self._drawn) / REFILL, BUDGET)
        if self._shown is not None and page.headline != self._shown.headline:
            self._budget -= 1
        self._shown, self._awake, self._drawn, self._failures = page, True, now, 0
        if action == "partial":
            self._partials += 1
        else:
            self._partials, self._flashed = 0, now
            if action == "full":
                self._full = now

    def slept(self) -> None:
        """The controller is in deep sleep."""
        self._awake = False

    def failed(self, now: float) -> None:
        """The panel did not do it at `now`: what it shows is unknown, and the next attempt waits ever longer."""
        delay = min(RETRY_FIRST * 2.0**self._failures, RETRY_MOST)
        self._failures = min(self._failures + 1, 10)
        self._shown, self._awake, self._retry = None, False, now + delay

    def hurry(self, now: float) -> None:
        """Something may have ended what failed: the next attempt is now."""
        self._retry = min(self._retry, now)

    def _refresh(self, shown: Content, page: Content) -> tuple[float, Action]:
        if page.headline != shown.headline:
            wait = max(GAP, (1 - self._budget) * REFILL)
            return self._drawn + wait, "fast" if self._partials >= PARTIALS else "partial"
        if self._partials >= PARTIALS:
            return max(self._drawn + COSMETIC_INTERVAL, self._flashed + FULL_INTERVAL), "full"
        daily = self._full + DAILY
        calm = COSMETIC_INTERVAL if page != shown else LIVE_INTERVAL if page.live else DAILY
        when = self._drawn + calm
        return (when, "partial") if when < daily else (max(daily, self._flashed + FULL_INTERVAL), "full")
