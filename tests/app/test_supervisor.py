"""Tasks that raise: what is said, what starts again, and what goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import pytest

from app import supervisor
from app.bus import Bus
from app.status import Device, Health, Trust
from app.supervisor import FIRST, LONGEST, Supervisor


class Bench:
    """A supervisor whose pauses are remembered instead of waited for."""

    def __init__(self) -> None:
        self.bus = Bus(Device(health=Health("1", ("card is full",), 40.0), trust=Trust("AA")))
        self.pauses: list[float] = []
        self.supervisor = Supervisor(self.bus, self._sleep)
        self.starts = 0
        self.after: Callable[[], None] = lambda: None
        """Called in each pause."""

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.after()
        await asyncio.sleep(0)

    @property
    def faults(self) -> tuple[str, ...]:
        return self.bus.device.health.faults

    def failing(self, times: int, error: Callable[[int], BaseException] = lambda _start: RuntimeError("x")):  # type: ignore[no-untyped-def]
        """A task that raises so many times, and then runs."""

        async def work() -> None:
            self.starts += 1
            if self.starts <= times:
                raise error(self.starts)
            await asyncio.Event().wait()

        return work

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():
                await asyncio.sleep(0)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    await bench.supervisor.stop()


async def test_it_starts_again_each_time_later_and_takes_nobody_along(bench: Bench) -> None:
    other = []

    async def goes_on() -> None:
        while True:
            other.append(bench.starts)
            await asyncio.sleep(0)

    bench.supervisor.start("the other", goes_on)
    bench.supervisor.start("USB watch", bench.failing(9))
    await bench.until(lambda: bench.starts == 10)
    assert bench.pauses == [FIRST, 2, 4, 8, 16, 32, LONGEST, LONGEST, LONGEST]
    seen = len(other)
    await bench.until(lambda: len(other) > seen)
    assert bench.faults == ("card is full", "USB watch failed")
    assert bench.bus.device.health.temperature == 40.0


async def test_what_it_said_last_is_not_told_any_more(bench: Bench) -> None:
    seen = []
    bench.after = lambda: seen.append((bench.bus.device.trust, bench.faults))
    bench.supervisor.start("access watch", bench.failing(1), lambda: bench.bus.publish(Trust()))
    await bench.until(lambda: bench.starts == 2)
    assert seen == [(Trust(), ("card is full", "access watch failed"))]


async def test_once_it_runs_steadily_it_is_well_and_fails_like_the_first_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()

    async def work() -> None:
        bench.starts += 1
        if bench.starts == 4:
            monkeypatch.setattr(supervisor, "STEADY", 30.0)
            await failed.wait()
        if bench.starts < 6:
            raise RuntimeError("x")
        await asyncio.Event().wait()

    def steadily() -> None:
        monkeypatch.setattr(supervisor, "STEADY", 0.0 if bench.starts == 3 else 30.0)

    bench.after = steadily
    bench.supervisor.start("USB watch", work)
    await bench.until(lambda: bench.faults == ("card is full",) and bench.starts == 4)
    failed.set()
    await bench.until(lambda: bench.starts == 6)
    assert bench.pauses == [1, 2, 4, 1, 2]
    assert bench.faults == ("card is full", "USB watch failed")


async def test_a_traceback_is_logged_once_for_each_kind(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.supervisor.start("USB watch", bench.failing(7, lambda start: ValueError("y") if start > 4 else KeyError("x")))
    await bench.until(lambda: bench.starts == 8)
    records = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.message.partition(" ")[0] for record in records] == ["USB"] * 7
    assert ["Traceback" in record.message for record in records] == [True, False, False, False, True, False, False]
    assert "KeyError: 'x'" in records[0].message
    assert records[1].message == "USB watch failed, and starts again in 2 s: as before"


async def test_a_task_that_is_done_is_not_started_again(bench: Bench) -> None:
    bench.starts = 5
    task = bench.failing(0)

    async def once() -> None:
        bench.starts += 1
        if bench.starts == 6:
            raise RuntimeError("x")

    bench.supervisor.start("watchdog", once)
    await bench.until(lambda: bench.starts == 7 and bench.faults == ("card is full",))
    assert bench.pauses == [1]
    assert task is not None


async def test_what_is_cancelled_inside_it_is_a_failure_and_not_its_end(bench: Bench) -> None:
    bench.supervisor.start("network watch", bench.failing(1, lambda _start: asyncio.CancelledError()))
    await bench.until(lambda: bench.starts == 2)
    assert bench.faults == ("card is full", "network watch failed")


async def test_who_started_it_can_stop_it_and_nothing_is_said(bench: Bench) -> None:
    stop = bench.supervisor.start("making of pictures", bench.failing(0))
    await bench.until(lambda: bench.starts == 1)
    tasks = [task for task in asyncio.all_tasks() if task.get_name() == "making of pictures"]
    assert len(tasks) == 1
    stop()
    await asyncio.wait(tasks)
    assert (bench.starts, bench.pauses, bench.faults) == (1, [], ("card is full",))


async def test_stopping_ends_all_of_them_also_in_a_pause() -> None:
    async def for_ever(_seconds: float) -> None:
        await asyncio.Event().wait()

    bus = Bus(Device())
    supervisor = Supervisor(bus, for_ever)
    bench = Bench()
    supervisor.start("a", bench.failing(1))
    supervisor.start("b", bench.failing(0))
    await bench.until(lambda: bool(bus.device.health.faults))
    await supervisor.stop()
    assert {task.get_name() for task in asyncio.all_tasks()} & {"a", "b"} == set()
