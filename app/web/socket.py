"""What both WebSockets share: the door in front, and an end when what let them in ends."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from tornado.websocket import WebSocketHandler

from app.web.guard import Guarded

SESSION_ENDED = 4401
RIGHTS_CHANGED = 4403
PROTOCOL_ERROR = 1002
_REASON_MAX = 123
"""Bytes of a close frame's reason (RFC 6455, 5.5)."""


class Socket(Guarded, WebSocketHandler):
    """A guarded WebSocket: 401, 403 and a foreign Origin are answered before the upgrade."""

    def check_origin(self, origin: str) -> bool:
        """The door has checked it, more strictly than Tornado does."""
        return True

    def open(self, *args: str, **kwargs: str) -> Awaitable[None] | None:
        """Tornado calls this when the socket is there."""
        self.set_nodelay(True)
        self.services.gate.standing.add(self.grant, self._grant_ended)
        self.opened()
        return None

    def on_close(self) -> None:
        """Tornado calls this when the socket is gone."""
        self.services.gate.standing.discard(self._grant_ended)
        self.closed()

    def opened(self) -> None:
        """The socket is there."""

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
