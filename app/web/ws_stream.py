"""`/api/stream`: the picture. The protocol is docs/stream-protocol.md."""

from __future__ import annotations

import asyncio

from tornado.websocket import WebSocketClosedError

from app.stream.viewer import Viewer
from app.stream.wire import MalformedReply, ReplyKind, decode_reply
from app.web.socket import Socket


class StreamSocket(Socket):
    """One viewer."""

    _viewer: Viewer
    _sending: asyncio.Task[None]

    def opened(self) -> None:
        """Join, and send what the hub queues."""
        self._viewer = self.services.hub.join()
        self._sending = asyncio.ensure_future(self._send())

    def closed(self) -> None:
        """Leave."""
        self._sending.cancel()
        self.services.hub.leave(self._viewer)

    def on_message(self, message: str | bytes) -> None:
        """A reply of the viewer."""
        try:
            reply = decode_reply(message)
        except MalformedReply as error:
            self.fail(str(error))
            return
        if reply.kind == ReplyKind.SHOWN:
            self._viewer.shown = reply.sequence
        elif reply.kind == ReplyKind.KEY_WANTED:
            self.services.hub.key_wanted(self._viewer)

    async def _send(self) -> None:
        """One message after the other: the next leaves the queue when the kernel has taken the last."""
        try:
            while True:
                message = await self._viewer.next()
                await self.write_message(message.data, binary=True)
        except WebSocketClosedError:
            pass
