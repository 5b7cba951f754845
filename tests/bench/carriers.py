"""Three ways to bring the same frames to the same clients over TLS, each in a process of its own that says what processor time it took."""

from __future__ import annotations

import asyncio
import ssl
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FPS = 30
SIZE = 20_833
"""Bytes of a frame: 5 Mbit/s, PiKVM's default, at 30 frames a second."""


async def paced(frames: int, publish: Callable[[int], None]) -> float:
    """Publish at the frame rate; the processor seconds it took, everything the process did included."""
    began, used = time.monotonic(), time.process_time()
    for number in range(frames):
        await asyncio.sleep(max(0.0, began + number / FPS - time.monotonic()))
        publish(number)
    await asyncio.sleep(0.3)
    return time.process_time() - used


class Ready:
    """Told of each client; done when all are there."""

    def __init__(self, wanted: int) -> None:
        self._missing = wanted
        self.all = asyncio.Event()

    def one(self) -> None:
        self._missing -= 1
        if self._missing <= 0:
            self.all.set()


async def bare(tls: ssl.SSLContext, viewers: int, frames: int, say: Callable[[Any], None]) -> None:
    """The floor: asyncio's TLS streams and nothing else."""
    writers: list[asyncio.StreamWriter] = []
    ready = Ready(viewers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        ready.one()
        await reader.read()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    say(server.sockets[0].getsockname()[1])
    await ready.all.wait()
    body = bytes(SIZE)

    def publish(number: int) -> None:
        message = struct.pack(">II", SIZE + 4, number) + body
        for writer in writers:
            writer.write(message)

    say(await paced(frames, publish))


async def queued(tls: ssl.SSLContext, viewers: int, frames: int, say: Callable[[Any], None]) -> None:
    """PiKVM's way: aiohttp, and a queue of 32 frames for each client."""
    from aiohttp import web

    queues: list[asyncio.Queue[bytes]] = []
    ready = Ready(viewers)

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        queue: asyncio.Queue[bytes] = asyncio.Queue(32)
        queues.append(queue)
        ready.one()
        while True:
            await socket.send_bytes(await queue.get())

    application = web.Application()
    application.add_routes([web.get("/api/stream", serve)])
    runner = web.AppRunner(application, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    say(runner.addresses[0][1])
    await ready.all.wait()
    body = bytes(SIZE)

    def publish(number: int) -> None:
        message = struct.pack(">BBHIQIHH", 1, 1, number == 0, number, 0, 0, 1920, 1080) + body
        for queue in queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
            queue.put_nowait(message)

    say(await paced(frames, publish))


class _Camera:
    """An encoder that does as it is told by nobody."""

    def watch(self, watched: bool) -> None: ...
    def request_key(self) -> None: ...
    def set_bitrate(self, bits_per_second: int) -> None: ...
    def set_frame_divisor(self, divisor: int) -> None: ...


async def ours(tls: ssl.SSLContext, viewers: int, frames: int, say: Callable[[Any], None]) -> None:
    """The hub and the socket of inkvm, with the acknowledgements they live by."""
    from app.status import Viewers
    from app.stream.hub import Hub
    from app.stream.rate import Rate
    from app.video.frame import AccessUnit
    from app.web.server import Server
    from tests import door

    ready = asyncio.Event()

    def audience(now: Viewers) -> None:
        if now.count == viewers:
            ready.set()

    hub = Hub(lambda: time.monotonic_ns() // 1000, _Camera(), Rate(5_000_000), audience)
    with tempfile.TemporaryDirectory() as folder:
        services = door.services(hub, Path(folder), "127.0.0.1")
    server = Server(services, lambda: tls)
    server.start("127.0.0.1", 0)
    say((server.port, services.gate.sessions.open(door.USER)))
    await ready.wait()
    body = bytes(SIZE)

    def publish(number: int) -> None:
        hub.publish(AccessUnit(body, number == 0, number, hub.now(), 5_000, 1920, 1080))
        if number % FPS == 0:
            hub.review()

    took = await paced(frames, publish)
    each = [viewer.dropped for viewer in hub._viewers.values()]
    say((took, sum(each)))


CARRIERS = {"bare": bare, "aiohttp": queued, "inkvm": ours}


def serve(kind: str, certificate: Path, viewers: int, frames: int, pipe: Any) -> None:
    """The process of one server; says its address, then what it took."""
    from tests import door

    asyncio.run(CARRIERS[kind](door.context(certificate), viewers, frames, pipe.send))
