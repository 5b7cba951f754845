"""Reports that wait for the host: in their order, motion made one with newer motion."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

Join = Callable[[bytes, bytes], bytes | None]
"""Makes one motion of an older and a newer one; None where they do not fit into one report."""


class Undelivered(Exception):
    """The host did not take a report; the words say why."""


@dataclass(slots=True)
class _Waiting:
    report: bytes
    due: float
    join: Join | None
    """Set on motion; a change of keys or buttons has none."""
    taken: asyncio.Future[None] | None


class Backlog:
    """First in, first out."""

    def __init__(self) -> None:
        self._waiting: deque[_Waiting] = deque()
        self._under_way = False
        """Whether the kernel has the first already."""

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._waiting)

    @property
    def due(self) -> float:
        """When one of them is too old: the first, unless the network held up a later one."""
        return min(each.due for each in self._waiting)

    @property
    def report(self) -> bytes:
        """The first."""
        return self._waiting[0].report

    def add(
        self, report: bytes, due: float, join: Join | None = None, taken: asyncio.Future[None] | None = None
    ) -> None:
        """One more, unless it is motion that becomes one with the last.

        Args:
            report: what to tell the host.
            due: when it is too old.
            join: of motion; two motions of the same kind become one.
            taken: is done when the host has the report, or Undelivered when it is forgotten.
        """
        last = self._waiting[-1] if self._waiting else None
        joined = join(last.report, report) if last and join and last.join is join else None
        if last and joined is not None:
            last.report = joined
        else:
            self._waiting.append(_Waiting(report, due, join, taken))

    def written(self) -> bool:
        """The kernel has the first; whether somebody waits for the host to take it, with all that comes after."""
        self._under_way = self._waiting[0].taken is not None
        if not self._under_way:
            self._waiting.popleft()
        return self._under_way

    def arrived(self) -> None:
        """The kernel has room again: what was under way is with the host."""
        if self._under_way:
            self._under_way = False
            taken = self._waiting.popleft().taken
            if taken is not None and not taken.done():
                taken.set_result(None)

    def forget(self, reason: str) -> int:
        """All of them; how many changes of keys and buttons there were."""
        edges = sum(waiting.join is None for waiting in self._waiting)
        for waiting in self._waiting:
            if waiting.taken is not None and not waiting.taken.done():
                waiting.taken.set_exception(Undelivered(reason))
        self._waiting.clear()
        self._under_way = False
        return edges
