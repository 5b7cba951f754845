"""The clients of `carriers`: they read everything and, where that is the protocol, acknowledge it."""

from __future__ import annotations

import asyncio
import ssl
import struct
from typing import Any

from tests.client import trusting

_UPGRADE = (
    "GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: https://127.0.0.1:{port}\r\nCookie: auth_token={token}\r\n"
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
_MASKED_SHOWN = b"\x82\x88\0\0\0\0\1\1\0\0"
"""Frame header of eight masked bytes with a mask of zeros, and the first half of the message."""


async def payload(reader: asyncio.StreamReader) -> bytes:
    """One server's WebSocket message."""
    _opcode, length = await reader.readexactly(2)
    if length == 126:
        (length,) = struct.unpack(">H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack(">Q", await reader.readexactly(8))
    return await reader.readexactly(length)


async def read(kind: str, address: Any, frames: int, tls: ssl.SSLContext) -> int:
    """One client until the last frame: how many it got."""
    port, token = address if isinstance(address, tuple) else (address, "")
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, limit=1 << 20)
    if kind == "bare":
        for _ in range(frames):
            (size,) = struct.unpack(">I", await reader.readexactly(4))
            await reader.readexactly(size)
        return frames
    writer.write(_UPGRADE.format(port=port, token=token).encode())
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    got = 0
    while True:
        message = await payload(reader)
        if message[1] != 1:
            continue
        got += 1
        if kind == "inkvm":
            writer.write(_MASKED_SHOWN + message[4:8])
        if struct.unpack_from(">I", message, 4)[0] == frames - 1:
            return got


def watch(kind: str, address: Any, viewers: int, frames: int, pipe: Any) -> None:
    """The process of all clients of one server."""

    async def all_of_them() -> list[int]:
        tls = trusting()
        return await asyncio.gather(*(read(kind, address, frames, tls) for _ in range(viewers)))

    pipe.send(asyncio.run(all_of_them()))
