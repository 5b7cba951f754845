"""A conversation that ends, and what becomes of whoever was in it; with a connection of the test's own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.net import dbus
from app.net.dbus import Conversation, attend
from app.net.errors import NetError, NoService


class Connection:
    """Says nothing until the test lets it end."""

    def __init__(self) -> None:
        self.end: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.writer = self
        self.closed = False

    async def receive(self) -> Any:
        return await self.end

    def close(self) -> None:
        self.closed = True


class Bench:
    """Conversations one after another, and what was said of each one's end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.connections: list[Connection] = []
        self.lost: list[str] = []
        monkeypatch.setattr(dbus, "_AGAIN", 0)
        monkeypatch.setattr(Conversation, "open", self._open)

    async def _open(self) -> Conversation:
        connection: Any = Connection()
        self.connections.append(connection)
        return Conversation(connection)

    def tell(self, error: NetError) -> None:
        self.lost.append(str(error))

    async def until(self, count: int) -> None:
        async with asyncio.timeout(30):
            while len(self.connections) < count:
                await asyncio.sleep(0)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


async def waits_for_news(_conversation: Conversation) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("error", [EOFError(), ConnectionResetError()])
async def test_who_waits_for_news_notices_that_the_bus_has_gone(bench: Bench, error: Exception) -> None:
    attending = asyncio.ensure_future(attend(waits_for_news, bench.tell))
    await bench.until(1)
    bench.connections[0].end.set_exception(error)
    await bench.until(2)
    assert len(bench.lost) == 1
    assert bench.lost[0] == "the message bus has gone"
    assert bench.connections[0].closed
    attending.cancel()
    await asyncio.wait([attending])
    assert bench.connections[1].closed


async def test_what_nobody_expected_is_raised_and_the_service_is_not_known_meanwhile(bench: Bench) -> None:
    async def work(_conversation: Conversation) -> None:
        raise KeyError("a kind of adapter of tomorrow")

    with pytest.raises(KeyError, match="of tomorrow"):
        await attend(work, bench.tell)
    assert bench.lost == ["it is asked anew"]
    assert bench.connections[0].closed


async def test_a_message_that_cannot_be_is_raised_too(bench: Bench) -> None:
    attending = asyncio.ensure_future(attend(waits_for_news, bench.tell))
    await bench.until(1)
    bench.connections[0].end.set_exception(ValueError("not a message"))
    with pytest.raises(ValueError, match="not a message"):
        await attending
    assert bench.connections[0].closed


async def test_a_service_that_is_not_there_is_asked_again(bench: Bench) -> None:
    async def work(_conversation: Conversation) -> None:
        raise NoService("not there")

    attending = asyncio.ensure_future(attend(work, bench.tell))
    await bench.until(3)
    attending.cancel()
    await asyncio.wait([attending])
    assert bench.lost[:2] == ["not there", "not there"]


async def test_being_stopped_stops_the_work(bench: Bench) -> None:
    stopped = asyncio.Event()

    async def work(_conversation: Conversation) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    attending = asyncio.ensure_future(attend(work, bench.tell))
    await bench.until(1)
    await asyncio.sleep(0)
    attending.cancel()
    await asyncio.wait([attending])
    assert stopped.is_set()
    assert attending.cancelled()
