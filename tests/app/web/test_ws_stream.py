"""The stream's socket from the inside: what it lets wait, and where."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.stream.hub import Hub
from app.stream.rate import Rate
from app.video.frame import AccessUnit
from app.web.server import Server
from app.web.services import Services
from app.web.socket import FRAMES_MAX, UNSENT_MAX
from app.web.ws_stream import StreamSocket
from tests import door
from tests.client import HEADER, REPLY, trusting
from tests.wire import CLOSE, framed

PATIENCE = 20
"""Seconds after which something will not happen any more."""
PONG = b"\x8a\0"


class Camera:
    def watch(self, watched: bool) -> None: ...
    def request_key(self) -> None: ...
    def set_bitrate(self, bits_per_second: int) -> None: ...
    def set_frame_divisor(self, divisor: int) -> None: ...


class Bench:
    """A server in this process, one viewer, and the server's end of it."""

    def __init__(
        self, services: Services, place: str, viewer: ClientConnection, near: StreamSocket, nobody: asyncio.Event
    ) -> None:
        self.services = services
        self.hub = services.hub
        self.place = place
        self.viewer = viewer
        self.near = near
        self.nobody = nobody
        """Set when the last viewer is gone."""
        self.sequence = 0

    def publish(self, size: int, *, key: bool = False) -> None:
        unit = AccessUnit(bytes(size), key or self.sequence == 0, self.sequence, self.hub.now(), 0, 16, 16)
        self.hub.publish(unit)
        self.sequence += 1

    async def sequence_received(self) -> int:
        while True:
            message = await asyncio.wait_for(self.viewer.recv(), PATIENCE)
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
    server = Server(services, lambda: services.certificates.context)
    server.start("127.0.0.1", 0)
    place = f"127.0.0.1:{server.port}"
    async with connect(
        f"wss://{place}/api/stream", ssl=trusting(), origin=f"https://{place}", max_size=None,  # type: ignore[arg-type]
        additional_headers={"Cookie": f"auth_token={services.gate.sessions.open(door.USER)}"},
    ) as viewer:  # fmt: skip
        await viewer.recv()
        yield Bench(services, place, viewer, near[0], nobody)
    await server.stop()


async def test_the_kernel_holds_little_that_is_not_on_the_wire(bench: Bench) -> None:
    connection = bench.near.lane._socket
    assert connection is not None
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == 16 << 10
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) > 10_000


async def test_who_has_gone_without_a_word_is_found_out_where_nothing_is_sent(bench: Bench) -> None:
    """A laptop that went to sleep while there was no signal would keep its place for ever."""
    connection = bench.near.lane._socket
    assert connection is not None
    assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    quiet = [connection.getsockopt(socket.IPPROTO_TCP, each) for each in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL)]
    assert quiet == [10, 10]


async def test_only_the_frame_that_is_being_sent_waits_in_the_socket(bench: Bench) -> None:
    bench.publish(16 << 20)
    assert bench.near.lane.busy
    for _ in range(5):
        bench.publish(1000)
    assert len(bench.near.lane._leaving) == 1
    assert await bench.sequence_received() == 0
    await bench.viewer.send(REPLY.pack(1, 1, 0, 0))
    bench.publish(1000, key=True)  # on a busy machine the others are too old by now
    assert await bench.sequence_received() in {1, 6}


async def test_pings_that_are_not_answered_yet_do_not_pile_up(bench: Bench) -> None:
    bench.publish(16 << 20)
    for token in range(1000):
        bench.near.on_message(REPLY.pack(1, 3, 0, token))
    assert len(bench.near.lane._leaving) == 1
    assert await bench.sequence_received() == 0
    answer = await bench.viewer.recv()
    assert isinstance(answer, bytes)
    assert (HEADER.unpack_from(answer)[1], HEADER.unpack_from(answer)[3]) == (3, 999)


async def test_answers_to_pings_of_who_does_not_read_are_bounded(bench: Bench) -> None:
    """As Tornado 6.4 gives them: each at once."""
    bench.publish(16 << 20)
    for _ in range(1 << 12):
        bench.near.lane.write(PONG)
        bench.near.on_ping(b"")
    assert bench.near.ws_connection is None
    assert UNSENT_MAX < bench.near.lane.behind < UNSENT_MAX + 2048
    with suppress(ConnectionClosed):
        while True:
            await bench.viewer.recv()
    assert bench.viewer.close_code == 1008


async def test_who_leaves_is_forgotten(bench: Bench) -> None:
    await bench.viewer.close()
    await bench.nobody.wait()
    bench.publish(1000)
    assert bench.near.lane.closed()


async def test_who_says_too_much_is_hung_up_on(bench: Bench) -> None:
    for _ in range(FRAMES_MAX + 1):
        bench.near.on_message(REPLY.pack(1, 2, 0, 0))
    async with asyncio.timeout(PATIENCE):
        await bench.nobody.wait()
    await bench.viewer.wait_closed()
    assert bench.viewer.close_code == 1008
    assert bench.viewer.close_reason == "more than 2000 frames in a second"


async def test_who_says_as_much_second_after_second_may(bench: Bench) -> None:
    for _ in range(3):
        bench.near._since -= 1
        for _ in range(FRAMES_MAX):
            bench.near.on_message(REPLY.pack(1, 1, 0, 7))
    assert bench.near.ws_connection is not None


async def test_pongs_that_nobody_asked_for_count_as_well(bench: Bench) -> None:
    for _ in range(FRAMES_MAX + 1):
        bench.near.on_pong(b"")
    async with asyncio.timeout(PATIENCE):
        await bench.nobody.wait()
    await bench.viewer.wait_closed()
    assert bench.viewer.close_code == 1008


async def test_who_goes_with_words_that_are_no_text_is_forgotten(bench: Bench) -> None:
    """Tornado 6.4 tells nobody."""
    bench.viewer.transport.write(framed(CLOSE, b"\x03\xe8\xff"))
    async with asyncio.timeout(PATIENCE):
        await bench.nobody.wait()
    assert bench.near.lane.closed()


async def test_who_is_gone_before_the_answer_leaves_nothing_behind(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    host, _, port = bench.place.partition(":")
    token = bench.services.gate.sessions.open(door.USER)

    def hang_up() -> None:
        with trusting().wrap_socket(socket.create_connection((host, int(port)))) as tls:
            tls.sendall(
                f"GET /api/stream HTTP/1.1\r\nHost: {bench.place}\r\nOrigin: https://{bench.place}\r\nCookie: auth_token={token}\r\n"
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
            )
            tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    for _ in range(60):
        await asyncio.to_thread(hang_up)
    await bench.viewer.close()
    await bench.nobody.wait()
    async with asyncio.timeout(PATIENCE):
        while bench.services.gate.standing._open:
            await asyncio.sleep(0.01)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
