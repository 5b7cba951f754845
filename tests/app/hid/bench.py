"""A port that behaves like the kernel's, and an event loop whose clock the test moves."""

from __future__ import annotations

import asyncio
import errno
import heapq
import os
from collections.abc import Callable


class Timer:
    def __init__(self, due: float, call: Callable[[], None]) -> None:
        self.due, self.call, self.cancelled = due, call, False

    def __lt__(self, other: Timer) -> bool:
        return self.due < other.due

    def when(self) -> float:
        return self.due

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """The parts of an event loop that an output uses; time passes only in `advance`."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[Timer] = []
        self.writers: dict[int, Callable[[], None]] = {}
        self.readers: dict[int, Callable[[], None]] = {}

    def time(self) -> float:
        return self.now

    def create_future(self) -> asyncio.Future[None]:
        return asyncio.get_running_loop().create_future()

    def call_at(self, when: float, call: Callable[[], None]) -> Timer:
        timer = Timer(when, call)
        heapq.heappush(self.timers, timer)
        return timer

    def call_later(self, delay: float, call: Callable[[], None]) -> Timer:
        return self.call_at(self.now + delay, call)

    def add_writer(self, fd: int, call: Callable[[], None]) -> None:
        self.writers[fd] = call

    def remove_writer(self, fd: int) -> None:
        self.writers.pop(fd, None)

    def add_reader(self, fd: int, call: Callable[[], None]) -> None:
        self.readers[fd] = call

    def remove_reader(self, fd: int) -> None:
        self.readers.pop(fd, None)

    def advance(self, seconds: float) -> None:
        until = self.now + seconds
        while self.timers and self.timers[0].due <= until:
            timer = heapq.heappop(self.timers)
            self.now = max(self.now, timer.due)
            if not timer.cancelled:
                timer.call()
        self.now = until


class KernelPort:
    """f_hid as seen with dummy_hcd: two reports fit while the host does not poll, then EAGAIN; ESHUTDOWN unconfigured."""

    def __init__(self, loop: Loop, number: int = 7) -> None:
        self._loop = loop
        self._number = number
        self.error: int | None = None
        self.rebuilt = False
        """The gadget was made anew: an open descriptor is dead, a new one works."""
        self.missing = False
        """The node was looked for in vain, and is not looked for again."""
        self.depth = 2
        self.flag = False
        """What the gadget says of a suspend."""
        self.polled = True
        self.queued: list[bytes] = []
        self.host: list[bytes] = []
        self.incoming: list[bytes] = []
        self.closed = False
        self.heeded = True
        """Not while the host's driver throws away what it takes."""

    def sleep(self, *, told: bool) -> None:
        """The host polls no more, and the gadget may say so."""
        self.polled, self.flag = False, told

    def wake(self) -> None:
        """The host takes what is queued, and polls."""
        self.polled, self.flag = True, False
        self.take()

    def take(self) -> None:
        """The host polls until there is nothing to take."""
        while not self.rebuilt and (self.queued or self._number in self._loop.writers):
            if self.heeded:
                self.host += self.queued
            self.queued.clear()
            if self._number in self._loop.writers:
                self._loop.writers[self._number]()

    def fail(self, error: int | None) -> None:
        """The host goes, or is back; what was queued goes with it, and who listens hears it."""
        self.error = error
        self.polled, self.flag = True, False
        self.queued.clear()
        if error is not None and self._number in self._loop.readers:
            self._loop.readers[self._number]()

    def rebuild(self) -> None:
        """The gadget is made anew, and nobody is told: a node that was open is never ready again."""
        self.rebuilt, self.polled = True, True
        self.queued.clear()

    def fileno(self) -> int:
        self.missing = self.missing or self.error == errno.ENODEV
        if self.missing:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return self._number

    def write(self, report: bytes) -> None:
        self.fileno()
        if self.error is not None or self.rebuilt:
            raise OSError(self.error or errno.ESHUTDOWN, os.strerror(self.error or errno.ESHUTDOWN))
        if not self.polled and len(self.queued) >= self.depth:
            raise BlockingIOError(errno.EAGAIN, "EAGAIN")
        if self.heeded or not self.polled:
            (self.host if self.polled else self.queued).append(report)

    def asleep(self) -> bool:
        return self.flag

    def read(self) -> bytes | None:
        if self.error is not None:
            raise OSError(self.error, os.strerror(self.error))
        return self.incoming.pop(0) if self.incoming else None

    def close(self) -> None:
        assert self._number not in self._loop.readers, "a descriptor is closed while the loop watches it"
        assert self._number not in self._loop.writers, "a descriptor is closed while the loop watches it"
        self.rebuilt = self.missing = False
        self.closed = True
