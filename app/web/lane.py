"""A WebSocket's stream for many small messages in and large ones out: the TLS socket itself, read and written without detours.

It takes the place of Tornado's stream under Tornado's own WebSocket protocol. The client's short messages are handed over as soon as they are read;
all other frames (close, ping, what is long, in pieces or malformed) are Tornado's as ever, and so are messages behind one of those until Tornado
has dealt with it: nothing overtakes. A frame goes to the kernel in the call that writes it, or waits here
until the kernel takes the rest. `tests/bench/delivery.py` and `tests/bench/typing.py` say what that saves.
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

from app.web.frames import CLOSE, Sorter

_RECORD: Final = 16 << 10
"""Bytes of a TLS record at most: after one read nothing is left in the TLS library, where nobody would be told of it."""
_CAME_MOST: Final = 128 << 10
"""Bytes that may wait for Tornado: more than its longest message, or that would never be complete."""
_EACH: Final = 512
"""Bytes of memory that a message takes while it waits, beside its own."""
_NOT_NOW: Final = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError, InterruptedError)


class Lane:
    """The part of `tornado.iostream.IOStream` that a WebSocket needs. Lives on the event loop."""

    def __init__(self, connection: ssl.SSLSocket, io_loop: IOLoop, message: Callable[[str | bytes], object]) -> None:
        self.io_loop = io_loop
        self._loop = asyncio.get_running_loop()
        self._socket: ssl.SSLSocket | None = connection
        self._message = message
        self._sorter = Sorter()
        self._came = bytearray()
        self._waiting: asyncio.Future[None] | None = None
        self._leaving: deque[tuple[memoryview, asyncio.Future[None]]] = deque()
        self._behind = 0
        self._said_goodbye = False
        self._written: asyncio.Future[None] = self._loop.create_future()
        self._written.set_result(None)
        self._loop.add_reader(connection, self._read)

    @classmethod
    def instead_of(cls, stream: SSLIOStream, message: Callable[[str | bytes], object]) -> Self:
        """Take the connection over from a stream that has nothing left to write; nobody may use that one any more.

        `message` is called with each short message, those included that the stream has read already: a client need not wait for the
        answer to its upgrade. They come first, and only once the caller is ready for them.
        """
        stream.io_loop.remove_handler(stream.fileno())
        lane = cls(stream.socket, stream.io_loop, message)
        lane._loop.call_soon(lane._begin, bytes(stream._read_buffer))
        return lane

    def closed(self) -> bool:
        """Whether nothing can be read or written any more."""
        return self._socket is None

    @property
    def busy(self) -> bool:
        """Whether the kernel has not taken everything yet."""
        return bool(self._leaving)

    @property
    def behind(self) -> int:
        """Bytes of memory that wait behind the message that is being sent."""
        return self._behind

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
        self._behind = 0
        for future in [*waiting, *([self._waiting] if self._waiting else [])]:
            if not future.done():
                future.set_exception(StreamClosedError())
                future.exception()  # nobody has to ask

    def set_nodelay(self, value: bool) -> None:
        """As Tornado's stream does."""
        self.set_option(socket.TCP_NODELAY, int(value))

    def set_option(self, option: int, value: int) -> None:
        """One of TCP's; see tcp(7)."""
        if self._socket is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, option, value)

    def keep_alive(self, seconds: int) -> None:
        """Ask a peer that says nothing for so long whether it is there; one that is not is given up as `TCP_USER_TIMEOUT` says."""
        if self._socket is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            self.set_option(socket.TCP_KEEPIDLE, seconds)
            self.set_option(socket.TCP_KEEPINTVL, seconds)

    async def read_bytes(self, count: int) -> bytes:
        """So many bytes. Raises StreamClosedError."""
        while len(self._came) < count:
            if self._socket is None:
                raise StreamClosedError
            self._waiting = self._loop.create_future()
            await self._waiting
        full = len(self._came) > _CAME_MOST
        taken = bytes(self._came[:count])
        del self._came[:count]
        if full and len(self._came) <= _CAME_MOST and self._socket is not None:
            self._loop.add_reader(self._socket, self._read)
        return taken

    def write(self, data: bytes) -> asyncio.Future[None]:
        """Send a frame; the result is there when the kernel has taken the last byte. Raises StreamClosedError."""
        if self._socket is None:
            raise StreamClosedError
        if self._said_goodbye:
            return self._written  # RFC 6455, 5.5.1: nothing after that. Tornado 6.4 goes on answering pings.
        self._said_goodbye = data[0] == CLOSE
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
            self._behind += len(rest) + _EACH if self._leaving else 0
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
            self._behind -= len(self._leaving[0][0]) + _EACH if self._leaving else 0
            if not future.done():
                future.set_result(None)
        if self._socket is not None:
            self._loop.remove_writer(self._socket)

    def _begin(self, early: bytes) -> None:
        if self._socket is not None:
            self._sort(early)

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
        messages, others = self._sorter.feed(came, free=not self._came)
        try:
            for message in messages:
                self._message(message)
        except Exception:
            self.close()  # as Tornado does: whatever the client holds is let go of
            raise
        if others:
            self._came += others
            if len(self._came) > _CAME_MOST and self._socket is not None:
                self._loop.remove_reader(self._socket)  # until Tornado has caught up
            if self._waiting is not None and not self._waiting.done():
                self._waiting.set_result(None)
