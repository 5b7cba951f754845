"""`/api/stream`: the picture. The protocol is docs/stream-protocol.md."""

from __future__ import annotations

import socket
from typing import Final

from app.stream import wire
from app.stream.viewer import Viewer
from app.stream.wire import Kind, MalformedReply, ReplyKind
from app.web import errors
from app.web.socket import Socket

_FORMATS: Final = {"h264": Kind.H264, "jpeg": Kind.JPEG}
_SILENCE_MS: Final = 30_000
"""A viewer that acknowledges nothing at all for so long, not even for TCP, is gone."""

_QUIET: Final = 10
"""Seconds without a word after which a viewer is asked for one: without a signal there is nothing that it could acknowledge."""


class StreamSocket(Socket):
    """One viewer; `?format=jpeg` for one that cannot decode H.264."""

    role = "viewer"
    _viewer: Viewer
    _kind: Kind
    _greeting: bytes | None = None
    _ping: int | None = None
    """The last ping that was not answered. Only the last: a flood of them must not fill the memory."""

    async def prepare(self) -> None:
        """Refuse a format nobody makes before the upgrade, and say so only to who may come in."""
        await super().prepare()
        name = self.get_query_argument("format", "h264")
        if name not in _FORMATS:
            raise errors.BadRequest(f"format has value {name!r}, expected one of {', '.join(_FORMATS)}")
        self._kind = _FORMATS[name]

    def opened(self) -> None:
        """Join, and send what may start."""
        self.lane.set_option(socket.TCP_USER_TIMEOUT, _SILENCE_MS)
        self.lane.keep_alive(_QUIET)
        self._viewer = self.services.hub.join(self._kind)
        self._greeting = wire.hello(self._viewer.number)
        self._viewer.wake = self._send
        self._send()

    def closed(self) -> None:
        """Leave."""
        self._viewer.wake = _nothing
        self.services.hub.leave(self._viewer)

    def heard(self, message: str | bytes) -> None:
        """A reply of the viewer."""
        now = self.services.hub.now()
        try:
            reply = wire.decode_reply(message)
        except MalformedReply as error:
            self.fail(str(error))
            return
        if reply.kind == ReplyKind.SHOWN:
            self._viewer.shown(reply.sequence, now)
        elif reply.kind == ReplyKind.KEY_WANTED:
            self.services.hub.key_wanted(self._viewer)
        elif reply.kind == ReplyKind.KEY_WISHED:
            self.services.hub.key_wished(self._viewer)
        elif reply.kind == ReplyKind.PING:
            self._ping = reply.sequence
            self._send()
        elif reply.report is not None:
            self._viewer.reported(reply.report)
        elif reply.histogram:
            self._viewer.histogram = reply.histogram

    def _send(self, _before: object = None) -> None:
        """One message after the other: the next one starts when the kernel has taken all of the last."""
        # The connection is None once this side has begun to close, and the lane may have been lost since.
        while self.ws_connection is not None and not self.lane.closed() and not self.lane.busy:
            data = self._next()
            if data is None:
                return
            written = self.say(data)
            if not written.done():
                written.add_done_callback(self._send)

    def _next(self) -> bytes | None:
        """What is to be sent now."""
        if self._greeting is not None:
            greeting, self._greeting = self._greeting, None
            return greeting
        now = self.services.hub.now()
        if self._ping is not None:
            token, self._ping = self._ping, None
            return wire.pong(token, now)
        message = self._viewer.take(now)
        return None if message is None else message.data


def _nothing() -> None:
    """Nobody is there to send to."""
