"""When a viewer's next frame may start, so that what its link holds is never old.

Round trips are measured from a frame's start to its acknowledgement, on one clock, and include the viewer's decoding and painting; what a
frame took beyond the shortest of them is its queueing delay. Unacknowledged bytes are limited to what the link carries in
its own delay plus the bound, so that they wait about the bound at most. One frame may always be in flight, whatever its size, and
does not count: a decoder may hold it back until it sees the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

BOUND: Final = 250_000
"""Microseconds: how long after its capture a frame's transmission may start."""
MEMORY: Final = 10_000_000
"""Microseconds that the shortest round trip and the highest rate are remembered at least; twice that at most."""
FIRST_WINDOW: Final = 32 << 10
"""Bytes that may be in flight while nothing is known of the link: about two of TCP's own first windows."""
IN_FLIGHT: Final = 128
"""Frames that may be unacknowledged: two seconds at 60 frames a second."""
_SHORTEST: Final = 10_000
"""Microseconds: a frame's own time on the wire cannot be told from the viewer's jitter below that."""
_SECOND: Final = 1_000_000
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Flight:
    sequence: int
    size: int
    started: int
    delivered: int
    """Bytes acknowledged when it started."""


class _Best(Generic[_T]):
    """The smallest or greatest of what was seen lately."""

    def __init__(self, better: Callable[[_T, _T], _T]) -> None:
        self.value: _T | None = None
        self._better = better
        self._recent: _T | None = None
        self._older: _T | None = None
        self._since = 0

    def see(self, now: int, value: _T) -> _T:
        if now - self._since >= MEMORY:
            self._since, self._older, self._recent = now, self._recent, None
        self._recent = recent = value if self._recent is None else self._better(self._recent, value)
        self.value = best = recent if self._older is None else self._better(recent, self._older)
        return best

    def forget(self) -> None:
        self.value = self._recent = self._older = None


class Pacer:
    """One viewer's link. All times are microseconds of one monotonic clock, all rates bytes per second."""

    def __init__(self, bound: int = BOUND) -> None:
        self.bound = bound
        self.in_flight = 0
        """Unacknowledged bytes."""
        self.delivered = 0
        """Acknowledged bytes."""
        self.queueing = 0
        """What the last acknowledged frame took beyond the shortest round trip."""
        self._flights: deque[_Flight] = deque()
        self._quickest: _Best[tuple[int, int]] = _Best(min)
        """The shortest round trip, and the bytes of the frame that made it."""
        self._rate: _Best[int] = _Best(max)

    @property
    def round_trip(self) -> int | None:
        """The shortest lately; None before the first acknowledgement."""
        quickest = self._quickest.value
        return None if quickest is None else quickest[0]

    @property
    def rate(self) -> int | None:
        """What the link was seen to carry lately; None before the first acknowledgement, and no limit of it: it may carry more."""
        return self._rate.value

    @property
    def window(self) -> int:
        """Bytes that may be in flight."""
        if self.rate is None or self.round_trip is None:
            return FIRST_WINDOW
        return max(FIRST_WINDOW // 2, self.rate * (self.round_trip + self.bound) // _SECOND)

    def overdue(self, now: int) -> int:
        """What the oldest frame in flight takes already beyond the shortest round trip."""
        return max(0, now - self._flights[0].started - (self.round_trip or 0)) if self._flights else 0

    def is_late(self, now: int, captured: int) -> bool:
        """Whether a frame of that capture time is too old to start."""
        return now - captured > self.bound

    def may_start(self, now: int, size: int) -> bool:
        """Whether a frame of so many bytes may start now."""
        if not self._flights:
            return True
        oldest = self._flights[0]
        if len(self._flights) >= IN_FLIGHT or self.in_flight - oldest.size + size > self.window:
            return False
        # The link may have become slower than it is remembered: what it holds already must not be old either.
        return self.round_trip is None or now - oldest.started <= self.round_trip + self.bound

    def started(self, now: int, sequence: int, size: int) -> None:
        """A frame's transmission starts."""
        self._flights.append(_Flight(sequence, size, now, self.delivered))
        self.in_flight += size

    def acknowledged(self, now: int, sequence: int) -> bool:
        """The frame is on the viewer's screen, and so whatever started before it is done with. False if it is not in flight."""
        if not self._flights or (
            self._flights[0].sequence != sequence and all(each.sequence != sequence for each in self._flights)
        ):
            return False
        while True:
            flight = self._flights.popleft()
            self.in_flight -= flight.size
            self.delivered += flight.size
            if flight.sequence == sequence:
                break
        took = max(1, now - flight.started)
        quickest = self._quickest.see(now, (took, flight.size))
        self.queueing = took - quickest[0]
        between = (self.delivered - flight.delivered) * _SECOND // took
        if self.queueing > self.bound:
            self._rate.forget()  # what it carried once, it does not carry now
        else:
            # So many more bytes than in the quickest frame took so much longer.
            between = max(between, (flight.size - quickest[1]) * _SECOND // max(_SHORTEST, self.queueing))
        self._rate.see(now, between)
        return True

    def forget(self) -> None:
        """The viewer has thrown away what was in flight."""
        self._flights.clear()
        self.in_flight = 0
