"""The stream's socket from the inside: what it lets wait, and where."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

from app.stream.hub import Hub
from app.stream.rate import Rate
from app.video.frame import AccessUnit
from app.web.server import Server
from app.web.ws_stream import StreamSocket
from tests import door
from tests.client import HEADER, REPLY, trusting


class Camera:
    def watch(self, watched: bool) -> None: ...
    def request_key(self) -> None: ...
    def set_bitrate(self, bits_per_second: int) -> None: ...
    def set_frame_divisor(self, divisor: int) -> None: ...


class Bench:
    """A server in this process, one viewer, and the server's end of it."""

    def __init__(self, hub: Hub, viewer: ClientConnection, near: StreamSocket, nobody: asyncio.Event) -> None:
        self.hub = hub
        self.viewer = viewer
        self.near = near
        self.nobody = nobody
        """Set when the last viewer is gone."""
        self.sequence = 0

    def publish(self, size: int) -> None:
        unit = AccessUnit(bytes(size), self.sequence == 0, self.sequence, self.hub.now(), 0, 16, 16)
        self.hub.publish(unit)
        self.sequence += 1

    async def sequence_received(self) -> int:
        while True:
            message = await self.viewer.recv()
            assert isinstance(message, bytes)
            if HEADER.unpack_from(message)[1] == 1:
                return int(HEADER.unpack_from(message)[3])


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    near: list[StreamSocket] = []
    opened = StreamSocket.opened
    monkeypatch.setattr(StreamSocket, "opened", lambda handler: (near.append(handler), opened(handler))[1])
    nobody = asyncio.Event()
    hub = Hub(
        lambda: time.monotonic_ns() // 1000, Camera(), Rate(4_000_000), lambda viewers: viewers.count or nobody.set()
    )
    services = door.services(hub, tmp_path, "127.0.0.1")
    server = Server(services, services.certificates.context)
    server.start("127.0.0.1", 0)
    place = f"127.0.0.1:{server.port}"
    async with connect(
        f"wss://{place}/api/stream", ssl=trusting(), origin=f"https://{place}", max_size=None,  # type: ignore[arg-type]
        additional_headers={"Cookie": f"auth_token={services.gate.sessions.open(door.USER)}"},
    ) as viewer:  # fmt: skip
        await viewer.recv()
        yield Bench(hub, viewer, near[0], nobody)
    await server.stop()


async def test_the_kernel_holds_little_that_is_not_on_the_wire(bench: Bench) -> None:
    connection = bench.near._lane._socket
    assert connection is not None
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == 16 << 10
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) > 10_000


async def test_only_the_frame_that_is_being_sent_waits_in_the_socket(bench: Bench) -> None:
    bench.publish(16 << 20)
    assert bench.near._lane.busy
    for _ in range(5):
        bench.publish(1000)
    assert len(bench.near._lane._leaving) == 1
    assert await bench.sequence_received() == 0
    await bench.viewer.send(REPLY.pack(1, 1, 0, 0))
    bench.publish(1000)
    assert await bench.sequence_received() in {1, 6}


async def test_pings_that_are_not_answered_yet_do_not_pile_up(bench: Bench) -> None:
    bench.publish(16 << 20)
    for token in range(1000):
        bench.near.on_message(REPLY.pack(1, 3, 0, token))
    assert len(bench.near._lane._leaving) == 1
    assert await bench.sequence_received() == 0
    answer = await bench.viewer.recv()
    assert isinstance(answer, bytes)
    assert (HEADER.unpack_from(answer)[1], HEADER.unpack_from(answer)[3]) == (3, 999)


async def test_who_leaves_is_forgotten(bench: Bench) -> None:
    await bench.viewer.close()
    await bench.nobody.wait()
    bench.publish(1000)
    assert bench.near._lane.closed()
