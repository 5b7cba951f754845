"""When to refresh the glass, and how: pure, on times that the caller gives.

Waveshare's advice is a full refresh after about five partial ones and at least once a day, 180 s between refreshes,
and deep sleep in between. People wait for some changes, so those do not wait.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Literal, Protocol

GAP = 2.0
"""Seconds between two refreshes even for important changes; with a full refresh under way still within 5 s."""
COSMETIC_INTERVAL = 60.0
LIVE_INTERVAL = 3600.0
"""How old the "as of" of a page with an address may get."""
DAILY = 86400.0
FULL_INTERVAL = 180.0
"""Seconds between full refreshes that nobody waits for."""
PARTIALS = 5
"""Partial refreshes in a row; the next one is full."""
LINGER = 10.0
"""Seconds after a refresh until deep sleep: changes come in bursts."""
RETRY_FIRST, RETRY_MOST = 5.0, 300.0

Action = Literal["full", "partial", "sleep"]


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
        self._drawn = self._full = 0.0
        self._failures = 0
        self._retry = 0.0

    def due(self, page: Content) -> tuple[float, Action]:
        """What to do next if `page` stays what it is, and when (a time in the past means now)."""
        if self._shown is None:
            return self._retry, "full"
        when, action = self._refresh(self._shown, page)
        asleep_by = self._drawn + LINGER
        return (asleep_by, "sleep") if self._awake and asleep_by < when else (when, action)

    def drew(self, page: Content, action: Action, now: float) -> None:
        """The glass shows `page` since `now`."""
        self._shown, self._awake, self._drawn, self._failures = page, True, now, 0
        if action == "full":
            self._partials, self._full = 0, now
        else:
            self._partials += 1

    def slept(self) -> None:
        """The controller is in deep sleep."""
        self._awake = False

    def failed(self, now: float) -> None:
        """The panel did not do it at `now`: what it shows is unknown, and the next attempt waits ever longer."""
        delay = min(RETRY_FIRST * 2.0**self._failures, RETRY_MOST)
        self._failures = min(self._failures + 1, 10)
        self._shown, self._awake, self._retry = None, False, now + delay

    def _refresh(self, shown: Content, page: Content) -> tuple[float, Action]:
        daily = self._full + DAILY
        if page != shown and page.headline != shown.headline:
            when = self._drawn + GAP
            return when, "full" if self._partials >= PARTIALS or when >= daily else "partial"
        if page != shown:
            when = self._drawn + COSMETIC_INTERVAL
        elif page.live:
            when = min(self._drawn + LIVE_INTERVAL, daily)
        else:
            when = daily
        if self._partials < PARTIALS and when < daily:
            return when, "partial"
        return max(when, self._full + FULL_INTERVAL), "full"
