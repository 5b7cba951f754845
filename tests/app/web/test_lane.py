"""The lane over a real TLS connection on one machine."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop
from tornado.iostream import SSLIOStream, StreamClosedError

from app.web import lane
from app.web.lane import Lane
from tests import door
from tests.client import trusting

SHORT = bytes([0x82, 0x84, 0, 0, 0, 0]) + b"abcd"
TEXT = bytes([0x81, 0x84, 0, 0, 0, 0]) + b"text"
PING = bytes([0x89, 0x80, 0, 0, 0, 0])


class Pair:
    """A lane, and the client at its other end."""

    def __init__(self, lane: Lane, client: ssl.SSLSocket, messages: list[str | bytes]) -> None:
        self.lane = lane
        self.client = client
        self.messages = messages

    async def receive(self, count: int) -> int:
        """Read so many bytes at the client's end."""
        got = 0
        while got < count:
            data = await asyncio.get_running_loop().run_in_executor(None, self.client.recv, 1 << 16)
            if not data:
                break
            got += len(data)
        return got


async def until(true: Callable[[], bool]) -> None:
    """Let the loop run."""
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0)


Ends = tuple[ssl.SSLSocket, ssl.SSLSocket]


@pytest.fixture
async def ends(tmp_path: Path) -> AsyncIterator[Ends]:
    near, far = socket.socketpair()
    server = door.context(door.certificate(tmp_path)).wrap_socket(near, server_side=True, do_handshake_on_connect=False)
    client = asyncio.get_running_loop().run_in_executor(None, lambda: trusting().wrap_socket(far))
    await asyncio.get_running_loop().run_in_executor(None, server.do_handshake)
    server.setblocking(False)
    yield server, await client
    (await client).close()


@pytest.fixture
async def pair(ends: Ends) -> AsyncIterator[Pair]:
    server, client = ends
    messages: list[str | bytes] = []
    pair = Pair(Lane(server, IOLoop.current(), messages.append), client, messages)
    yield pair
    pair.lane.close()


async def test_what_came_with_the_request_is_handed_over_first(ends: Ends) -> None:
    """Up to the middle of a message, where the lane reads on; and not before whoever makes the lane is ready."""
    server, client = ends
    stream = SSLIOStream(server)
    client.send(b"request\r\n\r\n" + SHORT + TEXT[:-2])
    assert await stream.read_until(b"\r\n\r\n") == b"request\r\n\r\n"
    client.send(TEXT[-2:] + SHORT)
    messages: list[str | bytes] = []
    lane = Lane.instead_of(stream, messages.append)
    assert messages == []
    await until(lambda: len(messages) == 3)
    assert messages == [b"abcd", "text", b"abcd"]
    lane.close()


async def test_short_messages_are_handed_over_and_the_rest_is_read(pair: Pair) -> None:
    pair.client.send(SHORT + TEXT + PING)
    assert await pair.lane.read_bytes(2) == PING[:2]
    assert await pair.lane.read_bytes(4) == PING[2:]
    assert pair.messages == [b"abcd", "text"]


async def test_nothing_overtakes_what_somebody_has_not_read_yet(pair: Pair) -> None:
    pair.client.send(SHORT + PING + TEXT)
    assert await pair.lane.read_bytes(2) == PING[:2]
    pair.client.send(TEXT)
    await until(lambda: len(pair.lane._came) == 4 + 10 + 10)
    assert await pair.lane.read_bytes(4 + 10 + 10) == PING[2:] + TEXT + TEXT
    assert pair.messages == [b"abcd"]
    pair.client.send(TEXT)
    await until(lambda: len(pair.messages) == 2)
    assert pair.messages == [b"abcd", "text"]


async def test_what_nobody_reads_waits_in_the_kernel(pair: Pair) -> None:
    """And all of it is there for who reads on."""
    sent = PING * (3 * lane._CAME_MOST // len(PING))
    sending = asyncio.ensure_future(asyncio.to_thread(pair.client.sendall, sent))
    await until(lambda: len(pair.lane._came) > lane._CAME_MOST)
    for _ in range(1000):
        await asyncio.sleep(0)
    assert len(pair.lane._came) <= lane._CAME_MOST + lane._RECORD
    assert b"".join([await pair.lane.read_bytes(len(PING)) for _ in range(len(sent) // len(PING))]) == sent
    await sending
    pair.client.send(TEXT)
    await until(lambda: pair.messages == ["text"])


async def test_a_message_that_cannot_be_handled_ends_the_connection(pair: Pair) -> None:
    told = list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context["exception"]))
    pair.lane._message = lambda _message: 1 // 0
    pair.client.send(TEXT)
    with pytest.raises(StreamClosedError):
        await asyncio.wait_for(pair.lane.read_bytes(1), 60)
    assert isinstance(told[0], ZeroDivisionError)


async def test_it_counts_what_waits_behind_the_message_that_is_being_sent(pair: Pair) -> None:
    size = 8 << 20
    pair.lane.write(b"x" * size)
    assert pair.lane.behind == 0
    for number in range(1, 101):
        last = pair.lane.write(b"y" * 10)
        assert pair.lane.behind == number * (10 + lane._EACH)
    received = asyncio.ensure_future(pair.receive(size + 1000))
    await last
    assert pair.lane.behind == 0
    assert await received == size + 1000


async def test_nothing_is_sent_after_the_end_was_said(pair: Pair) -> None:
    size = 8 << 20
    pair.lane.write(b"x" * size)
    last = pair.lane.write(b"\x88\0")
    waits = pair.lane.behind
    for _ in range(100):
        assert pair.lane.write(PING).done()
    assert pair.lane.behind == waits
    received = asyncio.ensure_future(pair.receive(1 << 30))
    await last
    pair.lane.close()
    assert await received == size + 2


async def test_what_the_kernel_takes_is_written_at_once(pair: Pair) -> None:
    written = pair.lane.write(b"x" * 1000)
    assert written.done()
    assert not pair.lane.busy
    assert await pair.receive(1000) == 1000


async def test_the_rest_waits_and_goes_in_order(pair: Pair) -> None:
    size = 8 << 20
    first, second = pair.lane.write(b"x" * size), pair.lane.write(b"y" * 10)
    assert pair.lane.busy
    assert not first.done()
    received = asyncio.ensure_future(pair.receive(size + 10))
    await first
    await second
    assert await received == size + 10
    assert not pair.lane.busy


async def test_the_other_ends_end_is_noticed_by_who_reads(pair: Pair) -> None:
    reading = asyncio.ensure_future(pair.lane.read_bytes(1))
    await asyncio.sleep(0)
    pair.client.close()
    with pytest.raises(StreamClosedError):
        await reading
    assert pair.lane.closed()
    with pytest.raises(StreamClosedError):
        pair.lane.write(b"x")
    with pytest.raises(StreamClosedError):
        await pair.lane.read_bytes(1)


async def test_closing_fails_what_was_not_written(pair: Pair) -> None:
    written = pair.lane.write(b"x" * (8 << 20))
    pair.lane.close()
    with pytest.raises(StreamClosedError):
        await written


async def test_a_message_that_came_with_another_record_is_not_left_behind(pair: Pair) -> None:
    for _ in range(20):
        pair.client.send(SHORT)
    pair.client.send(PING)
    assert await pair.lane.read_bytes(6) == PING
    assert len(pair.messages) == 20
