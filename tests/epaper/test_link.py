"""Following the status socket: real Unix sockets, back-off on a clock that only sleeping moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import accumulate
from pathlib import Path

import pytest

from app.status import Device, Viewers
from app.status_line import to_json
from epaper import link
from epaper.link import Link
from epaper.news import News, Silence
from tests.epaper.statusd import StatusDaemon

ONE = Device(viewers=Viewers(1))
TWO = Device(viewers=Viewers(2))


class Bench:
    """A link to a socket in a folder, and what it tells and logs."""

    def __init__(self, folder: Path, now: float = 0.0) -> None:
        self.path = folder / "status.sock"
        self.news: asyncio.Queue[News] = asyncio.Queue()
        self.logged: list[str] = []
        self.delays: list[float] = []
        self.now = now
        self.late_at: float | None = None
        """When the daemon was last taken for gone for good."""
        self.appears = False
        self.link = Link(self.path, self.tell, self.logged.append, lambda: self.now, self.arrival)

    def tell(self, news: News) -> None:
        if news is not Silence.LATE:
            self.late_at = None
        elif self.late_at is None:
            self.late_at = self.now
        self.news.put_nowait(news)

    async def arrival(self, seconds: float) -> bool:
        self.delays.append(seconds)
        appeared, self.appears = self.appears, False
        self.now += 0.0 if appeared else seconds
        await asyncio.sleep(0)
        return appeared

    async def next(self) -> News:
        """The next piece of news."""
        async with asyncio.timeout(20):
            return await self.news.get()

    async def told(self, wanted: News) -> None:
        """Wait for one piece of news, skipping what comes before it."""
        async with asyncio.timeout(20):
            while await self.news.get() != wanted:
                pass


@pytest.fixture
async def bench(tmp_path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    following = asyncio.create_task(bench.link.follow())
    yield bench
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following


async def test_every_line_is_told(bench):
    async with StatusDaemon(bench.path, ONE, TWO) as daemon:
        await bench.told(ONE)
        assert await bench.next() == TWO
        daemon.say(ONE)
        assert await bench.next() == ONE
    assert bench.logged == []


async def test_starting_until_the_first_contact_and_gone_after_it(bench):
    assert await bench.next() is Silence.STARTING
    async with StatusDaemon(bench.path, ONE):
        await bench.told(ONE)
    assert await bench.next() is Silence.GONE
    assert await bench.next() is Silence.GONE


async def test_daemon_that_comes_back_is_found(bench):
    async with StatusDaemon(bench.path, ONE):
        await bench.told(ONE)
    await bench.told(Silence.GONE)
    async with StatusDaemon(bench.path, TWO):
        await bench.told(TWO)


async def test_a_daemon_that_never_comes_is_not_starting_for_ever(bench):
    await bench.told(Silence.LATE)
    assert link.PATIENCE in accumulate(bench.delays), "tried when the patience ends"
    assert bench.late_at == link.PATIENCE
    assert bench.delays[:9] == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 40.0]
    for _ in range(9):
        await bench.next()
    assert bench.delays[-9:] == [link.RETRY_MOST] * 9


async def test_on_a_machine_that_has_been_up_for_long_nothing_is_starting_for_long(tmp_path):
    bench = Bench(tmp_path, now=38 * 60.0)
    following = asyncio.create_task(bench.link.follow())
    assert await bench.next() is Silence.STARTING
    await bench.told(Silence.LATE)
    assert bench.late_at == 38 * 60 + link.SOON
    following.cancel()


async def test_a_daemon_that_does_not_come_back_is_not_expected_for_ever(bench):
    for _ in range(2):
        async with StatusDaemon(bench.path, ONE):
            await bench.told(ONE)
        gone = bench.now
        assert await bench.next() is Silence.GONE
        await bench.told(Silence.LATE)
        assert bench.late_at == gone + link.RETURN


async def test_socket_that_appears_is_tried_at_once_and_soon_again(bench):
    await bench.told(Silence.LATE)
    bench.appears = True
    bench.delays.clear()
    while len(bench.delays) < 4:
        await bench.next()
    assert bench.delays[:4] == [40.0, 0.25, 0.5, 1.0]


async def test_back_off_starts_over_after_a_contact(bench):
    await bench.told(Silence.LATE)
    async with StatusDaemon(bench.path, ONE):
        await bench.told(ONE)
        bench.delays.clear()
    await bench.told(Silence.GONE)
    await bench.told(Silence.GONE)
    assert bench.delays[0] == link.RETRY_FIRST


async def test_hung_daemon_is_not_taken_for_a_working_one(bench, monkeypatch):
    monkeypatch.setattr(link, "FIRST_LINE", 0.02)
    async with StatusDaemon(bench.path):
        await bench.told(Silence.MUTE)


async def test_silence_after_the_first_line_is_normal(bench, monkeypatch):
    monkeypatch.setattr(link, "FIRST_LINE", 0.02)
    async with StatusDaemon(bench.path, ONE):
        await bench.told(ONE)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bench.news.get(), 0.1)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"[]\n", "status not understood: status line is list, expected an object"),
        (b'{"claim":{"url":"u","code":12345}}\n', "status not understood: status key 'claim.code'"),
        (b"x" * (link.LINE_BYTES + 1), "status not understood: Separator is not found, and chunk exceed the limit"),
    ],
)
async def test_line_that_makes_no_sense_is_named_once_and_without_its_value(bench, line, complaint):
    async with StatusDaemon(bench.path, line, hang_up=True):
        for _ in range(3):
            await bench.told(Silence.GARBLED)
    assert bench.logged == [complaint]


async def test_line_without_its_end_is_not_read(bench):
    async with StatusDaemon(bench.path, to_json(ONE), hang_up=True) as daemon:
        await daemon.connected.wait()
        while bench.news.qsize():
            bench.news.get_nowait()
        assert await bench.next() is Silence.STARTING
