"""The output against a port that behaves like the kernel's, on a clock that the test moves."""

from __future__ import annotations

import asyncio
import errno
import heapq
import os
from collections.abc import Callable
from typing import Any

import pytest

from app.hid.output import PATIENCE, Output

RELEASED = bytes(8)
A, B, C = (bytes([0, 0, usage, 0, 0, 0, 0, 0]) for usage in (4, 5, 6))


class Timer:
    def __init__(self, when: float, call: Callable[[], None]) -> None:
        self.when, self.call, self.cancelled = when, call, False

    def __lt__(self, other: Timer) -> bool:
        return self.when < other.when

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
        while self.timers and self.timers[0].when <= until:
            timer = heapq.heappop(self.timers)
            self.now = max(self.now, timer.when)
            if not timer.cancelled:
                timer.call()
        self.now = until


class KernelPort:
    """f_hid as seen with dummy_hcd: two reports fit while the host does not poll, then EAGAIN; ESHUTDOWN unconfigured."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self.error: int | None = None
        self.rebuilt = False
        """The gadget was made anew: an open descriptor is dead, a new one works."""
        self.room = 1_000_000
        self.host: list[bytes] = []
        self.incoming: list[bytes] = []
        self.closed = False

    def fileno(self) -> int:
        if self.error == errno.ENODEV:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return 7

    def write(self, report: bytes) -> None:
        if self.error is not None or self.rebuilt:
            raise OSError(self.error or errno.ESHUTDOWN, os.strerror(self.error or errno.ESHUTDOWN))
        if not self.room:
            raise BlockingIOError(errno.EAGAIN, "EAGAIN")
        self.room -= 1
        self.host.append(report)

    def read(self) -> bytes | None:
        if self.error is not None:
            raise OSError(self.error, os.strerror(self.error))
        return self.incoming.pop(0) if self.incoming else None

    def close(self) -> None:
        assert 7 not in self._loop.readers, "a descriptor is closed while the loop watches it"
        assert 7 not in self._loop.writers, "a descriptor is closed while the loop watches it"
        self.rebuilt = False
        self.closed = True


class Bench:
    def __init__(self) -> None:
        self.loop = Loop()
        self.port = KernelPort(self.loop)
        self.lost: list[tuple[int, str]] = []
        self.received: list[bytes] = []
        loop: Any = self.loop
        self.output = Output(
            self.port, loop, lambda: RELEASED, lambda count, why: self.lost.append((count, why)), self.received.append
        )
        self.output.start()
        assert self.port.host == [RELEASED]
        self.port.host.clear()

    def suspend(self) -> None:
        self.port.room = 2

    def resume(self) -> None:
        self.port.room = 1_000_000
        for call in list(self.loop.writers.values()):
            call()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_reports_leave_in_order(bench: Bench) -> None:
    for report in (A, B, C, RELEASED):
        bench.output.send(report)
    assert bench.port.host == [A, B, C, RELEASED]
    assert bench.loop.writers == {}


def test_a_short_wait_loses_nothing(bench: Bench) -> None:
    bench.suspend()
    for report in (A, B, C, RELEASED):
        bench.output.send(report)
    bench.loop.advance(PATIENCE / 2)
    bench.resume()
    assert bench.port.host == [A, B, C, RELEASED]
    assert bench.lost == []


def test_a_press_queued_in_the_kernel_cannot_stick(bench: Bench) -> None:
    """The release met EAGAIN and got too old: on resume the press arrives, and right after it a release."""
    bench.suspend()
    for report in (A, RELEASED, B, RELEASED):
        bench.output.send(report)
    bench.loop.advance(PATIENCE * 2)
    assert bench.lost == [(2, "the target's USB host is asleep or does not answer")]
    bench.resume()
    assert bench.port.host == [A, RELEASED, RELEASED]
    bench.output.send(C)
    assert bench.port.host[-1] == C


def test_nothing_is_typed_late(bench: Bench) -> None:
    bench.suspend()
    bench.output.send(A)
    bench.output.send(B)
    for _ in range(20):
        bench.output.send(C)
        bench.loop.advance(1.0)
    bench.resume()
    assert bench.port.host == [A, B, RELEASED]
    assert sum(count for count, _ in bench.lost) == 20


def test_a_loop_that_was_late_itself_types_nothing_old(bench: Bench) -> None:
    """The descriptor became writable before the timer ran, but the report is too old all the same."""
    bench.suspend()
    for report in (A, RELEASED, B):
        bench.output.send(report)
    bench.loop.now += PATIENCE + 0.1
    bench.resume()
    assert bench.port.host == [A, RELEASED, RELEASED]
    assert [count for count, _ in bench.lost] == [1]


@pytest.mark.parametrize("code", [errno.ESHUTDOWN, errno.ENODEV])
def test_without_a_host_keys_are_lost_at_once_and_released_on_return(bench: Bench, code: int) -> None:
    bench.port.error = code
    bench.output.send(A)
    assert bench.lost == [(1, os.strerror(code))]
    bench.output.send(B)
    assert len(bench.lost) == 2
    bench.port.error = None
    bench.loop.advance(1.0)
    assert bench.port.host == [RELEASED]


def test_a_gadget_made_anew_costs_no_key(bench: Bench) -> None:
    bench.port.rebuilt = True
    bench.output.send(A)
    assert bench.port.host == [A]
    assert bench.lost == []
    assert list(bench.loop.readers) == [7]


def test_a_host_that_goes_while_it_sleeps_leaves_nothing_watched(bench: Bench) -> None:
    bench.suspend()
    for report in (A, B, C):
        bench.output.send(report)
    bench.port.error = errno.ESHUTDOWN
    bench.loop.readers[7]()
    assert bench.loop.readers == bench.loop.writers == {}
    bench.port.error = None
    bench.resume()
    bench.loop.advance(1.0)
    assert bench.port.host == [A, B, RELEASED]


def test_waiting_motion_is_replaced_but_not_across_a_button(bench: Bench) -> None:
    bench.port.room = 0
    for report in (b"\0a", b"\0b", b"\0c"):
        bench.output.send(report, motion=True)
    bench.output.send(b"\1c")
    for report in (b"\1d", b"\1e"):
        bench.output.send(report, motion=True)
    bench.resume()
    assert bench.port.host == [b"\0c", b"\1c", b"\1e"]


def test_lost_motion_is_nobodys_business(bench: Bench) -> None:
    bench.port.error = errno.ESHUTDOWN
    bench.output.send(b"\0a", motion=True)
    assert bench.lost == []


def test_leds_are_passed_on_and_listening_survives_an_unplug(bench: Bench) -> None:
    bench.port.incoming = [b"\x01", b"\x03"]
    bench.loop.readers[7]()
    assert bench.received == [b"\x01", b"\x03"]
    bench.port.error = errno.ESHUTDOWN
    bench.loop.readers[7]()
    assert bench.loop.readers == {}
    bench.port.error = None
    bench.loop.advance(1.0)
    assert list(bench.loop.readers) == [7]


def test_stop_releases_and_gives_everything_back(bench: Bench) -> None:
    bench.output.send(A)
    bench.output.stop()
    assert bench.port.host == [A, RELEASED]
    assert bench.port.closed
    assert bench.loop.readers == bench.loop.writers == {}


async def test_on_a_real_loop_with_a_real_queue() -> None:
    """The simulated host's sockets: a host that sleeps for longer than the patience, then wakes up."""
    from app.sim.host import SimHost

    loop = asyncio.get_running_loop()
    taken: list[bytes] = []
    lost: asyncio.Queue[int] = asyncio.Queue()
    host = SimHost(loop, {"keyboard": taken.append})
    output = Output(host.port("keyboard"), loop, lambda: RELEASED, lambda count, _why: lost.put_nowait(count))
    host.plug()
    output.start()
    host.suspend()
    for _ in range(50):
        output.send(A)
        output.send(RELEASED)
    assert await lost.get() > 0
    host.plug()
    output.send(B)
    while not taken or taken[-1] != B:
        await asyncio.sleep(0)
    assert taken[taken.index(B) - 1] == RELEASED
    output.stop()
    host.dispose()
