"""Viewers that read and acknowledge, and some that never read: `python -m tests.links.client PORT TOKEN READERS SILENT FORMAT`.

On SIGTERM it says the sequences that each reader got, and how late it came itself, as one line of JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import time

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.client import HEADER, REPLY, trusting
from tests.links.wire import SERVER


async def read(socket: ClientConnection, got: list[int]) -> None:
    with contextlib.suppress(ConnectionClosed):
        async for message in socket:
            assert isinstance(message, bytes)
            _version, kind, _flags, sequence, *_rest = HEADER.unpack_from(message)
            if kind in {1, 2}:
                got.append(sequence)
                await socket.send(REPLY.pack(1, 1, 0, sequence))


async def watch_itself(worst: list[int]) -> None:
    while True:
        due = time.monotonic() + 0.02
        await asyncio.sleep(0.02)
        worst[0] = max(worst[0], round((time.monotonic() - due) * 1_000_000))


async def run(port: int, token: str, readers: int, silent: int, form: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    got: list[list[int]] = []
    reading = []
    for number in range(readers + silent):
        socket = await connect(
            f"wss://{SERVER}:{port}/api/stream?format={form}", ssl=trusting(), origin=f"https://{SERVER}:{port}",  # type: ignore[arg-type]
            additional_headers={"Cookie": f"auth_token={token}"}, compression=None, max_size=None, max_queue=1,
            ping_interval=None, open_timeout=60,
        )  # fmt: skip
        if number < readers:
            got.append([])
            reading.append(asyncio.ensure_future(read(socket, got[-1])))
        else:
            reading.append(asyncio.ensure_future(asyncio.sleep(3600, socket)))
    worst = [0]
    reading.append(asyncio.ensure_future(watch_itself(worst)))
    print("ready", flush=True)
    await stop.wait()
    print(json.dumps({"got": got, "worst_lag": worst[0]}), flush=True)


if __name__ == "__main__":
    port, token, readers, silent, form = sys.argv[1:]
    asyncio.run(run(int(port), token, int(readers), int(silent), form))
