"""The lane over a real TLS connection on one machine."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop
from tornado.iostream import StreamClosedError

from app.web.lane import Lane
from tests import door
from tests.client import trusting

SHORT = bytes([0x82, 0x84, 0, 0, 0, 0]) + b"abcd"
PING = bytes([0x89, 0x80, 0, 0, 0, 0])


class Pair:
    """A lane, and the client at its other end."""

    def __init__(self, lane: Lane, client: ssl.SSLSocket, messages: list[bytes]) -> None:
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


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    near, far = socket.socketpair()
    server = door.context(door.certificate(tmp_path)).wrap_socket(near, server_side=True, do_handshake_on_connect=False)
    client = asyncio.get_running_loop().run_in_executor(None, lambda: trusting().wrap_socket(far))
    await asyncio.get_running_loop().run_in_executor(None, server.do_handshake)
    server.setblocking(False)
    messages: list[bytes] = []
    pair = Pair(Lane(server, IOLoop.current(), messages.append), await client, messages)
    yield pair
    pair.lane.close()
    pair.client.close()


async def test_short_messages_are_handed_over_and_the_rest_is_read(pair: Pair) -> None:
    pair.client.send(SHORT + PING + SHORT)
    assert await pair.lane.read_bytes(2) == PING[:2]
    assert await pair.lane.read_bytes(4) == PING[2:]
    assert pair.messages == [b"abcd", b"abcd"]


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
