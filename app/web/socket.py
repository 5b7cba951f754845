"""What both WebSockets share: the door in front, a short cut around Tornado's stream, and an end when what let them in ends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable
from typing import Any, Final

from tornado.iostream import SSLIOStream, StreamClosedError
from tornado.websocket import WebSocketHandler

from app.web.frames import framed
from app.web.guard import Guarded
from app.web.lane import Lane

SESSION_ENDED = 4401
RIGHTS_CHANGED = 4403
PROTOCOL_ERROR = 1002
POLICY_VIOLATION = 1008
_REASON_MAX = 123
"""Bytes of a close frame's reason (RFC 6455, 5.5)."""
FRAMES_MAX: Final = 2000
"""In a second, of every kind. A mouse says 1000 things at most, and the loop that reads them carries everybody's keyboard."""
UNSENT_MAX: Final = 256 << 10
"""Bytes of memory that may wait for a client, beside the message that is being sent."""
_UNSENT_BY_KERNEL: Final = 16 << 10
"""Bytes that the kernel may hold and has not put on the wire: what waits, waits here, where it is counted."""


class Socket(Guarded, WebSocketHandler):
    """A guarded WebSocket: 401, 403 and a foreign Origin are answered before the upgrade."""

    lane: Lane
    _since, _frames = 0.0, 0
    """When the second began in which frames are counted, and how many there were."""
    _there = False
    """Whether `opened` was called, and `closed` has to be."""

    def check_origin(self, origin: str) -> bool:
        """The door has checked it, more strictly than Tornado does."""
        return True

    def open(self, *args: str, **kwargs: str) -> Awaitable[None] | None:
        """Tornado calls this when the socket is there, or has just gone."""
        assert self.ws_connection is not None
        stream = self.ws_connection.stream
        if stream is None or stream.closed():
            return None
        assert isinstance(stream, SSLIOStream)
        self.lane = self.ws_connection.stream = Lane.instead_of(stream, self.on_message)  # type: ignore[assignment]
        self.places.take_over(stream, self.lane)
        self.lane.set_nodelay(True)
        self.lane.set_option(socket.TCP_NOTSENT_LOWAT, _UNSENT_BY_KERNEL)
        self.opened()
        self._there = True
        self.services.gate.standing.add(self.grant, self._grant_ended)
        return None

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Tornado calls this for the upgrade, and is back when the socket is gone. 6.4 tells nobody of a close frame whose reason is no UTF-8."""
        try:
            await super().get(*args, **kwargs)
        finally:
            if self._there:
                self.on_connection_close()  # calls on_close, unless that was done

    def on_close(self) -> None:
        """Tornado calls this when the socket is gone."""
        if self._there:
            self.services.gate.standing.discard(self._grant_ended)
            self.closed()

    def on_message(self, message: str | bytes) -> None:
        """A message; what comes while this side is closing is not heard."""
        if self._patient():
            self.heard(message)

    def on_ping(self, data: bytes) -> None:
        """Tornado calls this when it has answered one."""
        if self._patient():
            self._bound()

    def on_pong(self, data: bytes) -> None:
        """Tornado calls this."""
        self._patient()

    def _patient(self) -> bool:
        """Whether one more frame is listened to; who says too much is closed."""
        if self.ws_connection is None:
            return False
        now = asyncio.get_running_loop().time()
        if now - self._since >= 1:
            self._since, self._frames = now, 0
        self._frames += 1
        if self._frames > FRAMES_MAX:
            self.close(POLICY_VIOLATION, f"more than {FRAMES_MAX} frames in a second")
        return self._frames <= FRAMES_MAX

    def say(self, message: str | bytes) -> asyncio.Future[None]:
        """Send a message; the result is there when the kernel has taken it. Raises StreamClosedError."""
        if self.ws_connection is None:
            raise StreamClosedError
        written = self.lane.write(framed(message))
        self._bound()
        return written

    def _bound(self) -> None:
        """Who does not read cannot fill the memory with answers."""
        if self.lane.behind > UNSENT_MAX:
            self.close(POLICY_VIOLATION, f"more than {UNSENT_MAX >> 10} KiB of answers were not read")

    def opened(self) -> None:
        """The socket is there."""

    def heard(self, message: str | bytes) -> None:
        """A message came."""
        raise NotImplementedError

    def closed(self) -> None:
        """The socket is gone."""

    def fail(self, words: str) -> None:
        """Close this socket because of what the other side sent."""
        self.close(PROTOCOL_ERROR, words.encode()[:_REASON_MAX].decode(errors="ignore"))

    def _grant_ended(self) -> None:
        if self.services.gate.knows(self.grant):
            self.close(RIGHTS_CHANGED, "what this session may do has changed: come again")
        else:
            self.close(SESSION_ENDED, "the session ended")

    def get_compression_options(self) -> dict[str, Any] | None:
        """None: video does not compress, and input must not wait for it."""
        return None
