"""When the device opens an access point of its own, so that it can be told which network to join. Pure.

Only while nobody has claimed it: later a lost network must not turn it into an open door. One that is open when somebody claims the
device stays for a while, because that somebody may not have chosen a network yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Step = Literal["stay", "open", "close"]


@dataclass(frozen=True, slots=True)
class Situation:
    """What counts."""

    claimed: bool
    """Somebody owns the device, or has at any time since it was reset."""
    networked: bool
    """There is an address under which it can be reached, its own access point's apart."""
    known: bool
    """There is a network to look for."""
    able: bool
    """There is a radio, it is on, and it has listened to the air."""


@dataclass(frozen=True, slots=True)
class Waits:
    """In seconds."""

    first: float = 10.0
    """For a cable's address, before the first access point."""
    lost: float = 120.0
    """For a network that is known."""
    unvisited: float = 300.0
    """With nobody on the page, until the known networks are looked for again."""
    owned: float = 300.0
    """Of a device that has an owner, whoever is on the page."""
    look: float = 60.0
    """For that."""


class Hotspot:
    """Says what to do next; does nothing itself."""

    def __init__(self, now: float, waits: Waits = Waits()) -> None:
        self._waits = waits
        self._open = False
        self._visited = now
        self._lonely = now
        self._allowed = waits.lost
        self._owed = False
        self._owned: float | None = None
        """Since when somebody has owned the device while it was open."""

    def visited(self, now: float) -> None:
        """Somebody uses the page: they are not cut off."""
        self._visited = now

    def opened(self, now: float) -> None:
        """The access point is there."""
        self._open = True
        self._visited = now
        self._owed = False
        self._owned = None

    def closed(self, now: float, *, soon: bool) -> None:
        """It has gone; with `soon` it comes back as soon as nothing is joined."""
        self._open = False
        self._lonely = now
        self._allowed = 0.0 if soon else self._waits.look

    def failed(self, now: float) -> None:
        """An attempt that was begun on the page has come to nothing: whoever began it is owed the reason there, once, also when
        somebody has claimed the device meanwhile.
        """
        self.closed(now, soon=True)
        self._owed = True

    def step(self, situation: Situation, now: float) -> Step:
        """What to do.

        Args:
            situation: as of `now`.
            now: seconds on a clock that only goes forward.
        """
        if self._open:
            if situation.claimed and self._owned is None:
                self._owned = now
            tired = situation.known and now - self._visited >= self._waits.unvisited
            over = self._owned is not None and now - self._owned >= self._waits.owned
            return "close" if situation.networked or tired or over else "stay"
        if situation.networked:
            self._owed = False
        if situation.networked or (situation.claimed and not self._owed):
            self._lonely, self._allowed = now, self._waits.lost
            return "stay"
        wait = self._allowed if situation.known else min(self._allowed, self._waits.first)
        return "open" if situation.able and now - self._lonely >= wait else "stay"
