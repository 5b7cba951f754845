"""The control socket from the inside: what it lets wait, whose pongs count, and whom it hears."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.hid.lease import Lease
from app.web import ws_control
from app.web.clients import Clients
from app.web.lane import Lane
from app.web.server import Server
from app.web.socket import FRAMES_MAX, UNSENT_MAX
from app.web.ws_control import ControlSocket
from tests import door
from tests.wire import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Wire, framed

_LAST = 2048
"""Bytes for an answer, the goodbye, and what they take beside that."""
_PATIENCE = 60.0


class Bench:
    """A server in this process, one client that reads nothing, and the server's end of it."""

    def __init__(self, lease: Lease, wire: Wire, near: ControlSocket) -> None:
        self.lease = lease
        self.wire = wire
        self.near = near
        self.gone = asyncio.Event()
        self.most = 0
        """Bytes that ever waited at the server's end."""
        self.last = b""
        """The last frame that the server wanted to send."""

    async def flood(self, frames: bytes, until: Callable[[], bool]) -> None:
        """Send them again and again."""
        flooding = asyncio.ensure_future(asyncio.to_thread(self._send, frames))
        await self.until(until)
        self.wire.close()
        await flooding

    def _send(self, frames: bytes) -> None:
        with suppress(OSError):
            while True:
                self.wire.send_frames(frames)

    def closing(self) -> bool:
        """Whether the server has begun to close."""
        return self.near.ws_connection is None

    async def until(self, true: Callable[[], bool]) -> None:
        """Let the loop run."""
        async with asyncio.timeout(_PATIENCE):
            while not true():
                await asyncio.sleep(0.01)


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    near: list[ControlSocket] = []
    opened, closed, write = ControlSocket.opened, ControlSocket.closed, Lane.write
    monkeypatch.setattr(ControlSocket, "opened", lambda handler: (near.append(handler), opened(handler))[1])
    monkeypatch.setattr(ws_control, "_PING", 2 * _PATIENCE)
    nobody: Any = None
    services = door.services(nobody, tmp_path, "127.0.0.1")
    lease = Lease(lambda: False, lambda _holder: None, lambda _client: None, asyncio.get_running_loop())
    services = replace(services, clients=Clients(), lease=lease)
    server = Server(services, lambda: services.certificates.context)
    server.start("127.0.0.1", 0)
    cookie = services.gate.sessions.open(door.USER)
    wire = await asyncio.to_thread(Wire, server.port, "/api/ws", f"auth_token={cookie}", room=1)
    async with asyncio.timeout(_PATIENCE):
        while not near:
            await asyncio.sleep(0.01)
    bench = Bench(lease, wire, near[0])

    def written(lane: Lane, data: bytes) -> asyncio.Future[None]:
        bench.last = data
        done = write(lane, data)
        bench.most = max(bench.most, lane.behind)
        return done

    monkeypatch.setattr(Lane, "write", written)
    monkeypatch.setattr(ControlSocket, "closed", lambda handler: (closed(handler), bench.gone.set())[0])
    yield bench
    wire.close()
    await server.stop()


def event(event_type: str, **content: object) -> bytes:
    return json.dumps({"event_type": event_type, "event": content}).encode()


@pytest.mark.parametrize(
    "message",
    [
        event("ping"),
        event("\x01" * 2_000),
        event("key", key="\x01" * 2_000, state=True),
        event("mouse_button", button="\x01" * 2_000, state=True),
        event("control", action="\x01" * 2_000),
        event("key", key=["\x01" * 100] * 20, state=True),
    ],
)
async def test_who_does_not_read_is_hung_up_on_before_much_waits(bench: Bench, message: bytes) -> None:
    await bench.flood(framed(TEXT, message), bench.closing)
    assert UNSENT_MAX < bench.most <= UNSENT_MAX + _LAST
    assert bench.last[:1] + bench.last[2:4] == b"\x88" + (1008).to_bytes(2)
    assert b"256 KiB" in bench.last


async def test_who_goes_on_gets_nothing_more_and_is_gone_in_the_end(bench: Bench) -> None:
    await bench.flood(framed(TEXT, event("ping")) + framed(PING) + framed(PONG), bench.gone.is_set)
    assert bench.most <= UNSENT_MAX + _LAST


async def test_who_goes_with_words_that_are_no_text_lets_go(bench: Bench) -> None:
    """Tornado 6.4 tells nobody."""
    bench.lease.take(bench.near._client, door.USER)
    await asyncio.to_thread(bench.wire.send_frames, framed(CLOSE, b"\x03\xe8\xff"))
    await bench.until(bench.gone.is_set)
    assert bench.lease.holder.client is None


async def test_who_says_too_much_is_hung_up_on(bench: Bench) -> None:
    """Though nothing of it wants an answer."""
    await bench.flood(framed(PONG) * FRAMES_MAX, bench.closing)
    assert b"2000 frames" in bench.last


async def test_a_pong_counts_that_answers_the_last_ping(bench: Bench) -> None:
    assert bench.near._asked is not None
    for payload in (b"", bytes(8), bench.near._asked[:-1]):
        bench.near.on_pong(payload)
        assert bench.near._asked is not None
    async with asyncio.timeout(_PATIENCE):
        # The ping is behind the state, and the client has little room: one look may come before it.
        while bench.near._asked is not None:
            await asyncio.to_thread(bench.wire.live)
            await asyncio.sleep(0.01)


async def test_who_answers_without_having_been_asked_is_gone(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ws_control, "_PING", 0.1)
    bench.near._beating.cancel()
    bench.near._beating = asyncio.ensure_future(bench.near._beat())
    bench.lease.take(bench.near._client, door.USER)
    pong = framed(PONG)
    while not bench.closing():
        await asyncio.to_thread(bench.wire.send_frames, pong)
        await asyncio.sleep(0.01)
    assert bench.lease.holder.client is None


async def test_what_comes_after_the_end_of_the_session_is_not_heard(bench: Bench) -> None:
    bench.lease.take(bench.near._client, door.USER)
    heard, asked = list[object](), asyncio.Event()
    bench.near.heard = heard.append  # type: ignore[method-assign]
    bench.near.on_ping = lambda _data: asked.set()  # type: ignore[method-assign]
    bench.near._grant_ended()
    assert bench.lease.holder.client is None
    for take in (event("control", action="take"), event("control", action="take", padding="x" * 200)):
        await asyncio.to_thread(bench.wire.send_frames, framed(TEXT, take) + framed(PING))
        await asyncio.wait_for(asked.wait(), _PATIENCE)
        asked.clear()
    assert heard == []
    assert not bench.near.lane.closed()


async def test_messages_are_heard_in_their_order_however_long_and_in_pieces(bench: Bench) -> None:
    heard = list[object]()
    bench.near.heard = heard.append  # type: ignore[method-assign]
    pieces = framed(TEXT & 0x7F, b"pie") + framed(PING) + framed(CONTINUATION, b"ces")
    await asyncio.to_thread(
        bench.wire.send_frames,
        framed(TEXT, b"short")
        + framed(TEXT, b"long" * 100)
        + framed(TEXT, b"behind it")
        + pieces
        + framed(BINARY, b"bytes")
        + framed(TEXT, "ä".encode()),
    )
    await bench.until(lambda: len(heard) == 6)
    assert heard == ["short", "long" * 100, "behind it", "pieces", b"bytes", "ä"]
