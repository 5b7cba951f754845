"""A WebSocket's stream for many small messages in and large ones out: the TLS socket itself, read and written without detours.

It takes the place of Tornado's stream under Tornado's own WebSocket protocol. The viewer's short messages are handed over as soon as they are read;
all other frames (close, ping, what is too long or malformed) are Tornado's as ever. A frame goes to the kernel in the call
that writes it, or waits here, alone, until the kernel takes the rest. `tests/bench/delivery.py` says what that saves.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import Final, Self

from tornado.ioloop import IOLoop
from tornado.iostream import SSLIOStream, StreamClosedError

from app.web.frames import Sorter

_RECORD: Final = 16 << 10
"""Bytes of a TLS record at most: after one read nothing is left in the TLS library, where nobody would be told of it."""
_NOT_NOW: Final = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError, InterruptedError)


class Lane:
    """The part of `tornado.iostream.IOStream` that a WebSocket needs. Lives on the event loop."""

    def __init__(self, connection: ssl.SSLSocket, io_loop: IOLoop, message: Callable[[bytes], object]) -> None:
        self.io_loop = io_loop
        self._loop = asyncio.get_running_loop()
        self._socket: ssl.SSLSocket | None = connection
        self._message = message
        self._sorter = Sorter()
        self._came = bytearray()
        self._waiting: asyncio.Future[None] | None = None
        self._leaving: deque[tuple[memoryview, asyncio.Future[None]]] = deque()
        self._written: asyncio.Future[None] = self._loop.create_future()
        self._written.set_result(None)
        self._loop.add_reader(connection, self._read)

    @classmethod
    def instead_of(cls, stream: SSLIOStream, message: Callable[[bytes], object]) -> Self:
        """Take the connection over from a stream that has nothing left to write; nobody may use that one any more.

        `message` is called with each short binary message.
        """
        stream.io_loop.remove_handler(stream.fileno())
        return cls(stream.socket, stream.io_loop, message)

    def closed(self) -> bool:
        """Whether nothing can be read or written any more."""
        return self._socket is None

    @property
    def busy(self) -> bool:
        """Whether the kernel has not taken everything yet."""
        return bool(self._leaving)

    def close(self) -> None:
        """Let go of the connection, at once."""
        if self._socket is None:
            return
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()
        self._socket = None
        waiting = [future for _data, future in self._leaving]
        self._leaving.clear()
        for future in [*waiting, *([self._waiting] if self._waiting else [])]:
            if not future.done():
                future.set_exception(StreamClosedError())
                future.exception()  # nobody has to ask

    def set_nodelay(self, value: bool) -> None:
        """As Tornado's stream does."""
        if self._socket is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, int(value))

    async def read_bytes(self, count: int) -> bytes:
        """So many bytes. Raises StreamClosedError."""
        while len(self._came) < count:
            if self._socket is None:
                raise StreamClosedError
            self._waiting = self._loop.create_future()
            await self._waiting
        taken = bytes(self._came[:count])
        del self._came[:count]
        return taken

    def write(self, data: bytes) -> asyncio.Future[None]:
        """Send all of it; the result is there when the kernel has taken the last byte. Raises StreamClosedError."""
        if self._socket is None:
            raise StreamClosedError
        rest = memoryview(data)
        if not self._leaving:
            rest = self._send(rest)
            if not rest:
                return self._written
            if self._socket is not None:
                self._loop.add_writer(self._socket, self._flush)
        future: asyncio.Future[None] = self._loop.create_future()
        if self.closed():
            future.set_exception(StreamClosedError())
            future.exception()  # nobody has to ask
        else:
            self._leaving.append((rest, future))
        return future

    def _send(self, rest: memoryview) -> memoryview:
        """What the kernel did not take."""
        assert self._socket is not None
        try:
            while rest:
                rest = rest[self._socket.send(rest) :]
        except _NOT_NOW:
            pass
        except OSError:
            self.close()
        return rest

    def _flush(self) -> None:
        while self._leaving and self._socket is not None:
            rest, future = self._leaving[0]
            rest = self._send(rest)
            if self.closed():
                return
            if rest:
                self._leaving[0] = (rest, future)
                return
            self._leaving.popleft()
            if not future.done():
                future.set_result(None)
        if self._socket is not None:
            self._loop.remove_writer(self._socket)

    def _read(self) -> None:
        if self._socket is None:
            return
        try:
            came = self._socket.recv(_RECORD)
        except _NOT_NOW:
            return
        except OSError:
            came = b""
        if came:
            self._sort(came)
        else:
            self.close()

    def _sort(self, came: bytes) -> None:
        messages, others = self._sorter.feed(came)
        self._came += others
        for message in messages:
            self._message(message)
        if others and self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
