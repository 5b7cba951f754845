"""An HTTP server on its port: listening, letting in as many as there are places for, and hanging up."""

from __future__ import annotations

import errno
import logging
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any, Final

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream
from tornado.netutil import bind_sockets

from app.web.places import Places

_log = logging.getLogger(__name__)
_EXHAUSTED: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_REST: Final = 1.0
"""Seconds that callers wait where the system has nothing left to let them in with."""


class Admitting(HTTPServer):
    """Shows every connection its place first, and TLS as it is set at that moment."""

    places: Places
    tls: Callable[[], ssl.SSLContext] | None

    def initialize(self, *arguments: Any, **settings: Any) -> None:
        """Tornado calls this instead of a constructor."""
        self.places = settings.pop("places")
        self.tls = settings.pop("tls", None)
        super().initialize(*arguments, **settings)

    @property
    def ssl_options(self) -> ssl.SSLContext | None:
        """Tornado looks here with every connection that it accepts; None is plain HTTP."""
        return self.tls() if self.tls is not None else None

    @ssl_options.setter
    def ssl_options(self, value: dict[str, Any] | ssl.SSLContext | None) -> None:
        """Tornado's constructor sets what it was not given."""
        assert value is None

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """A connection was accepted."""
        self.places.admit(stream, str(address[0]))
        if not stream.closed():
            super().handle_stream(stream, address)


class Listener:
    """What the HTTP servers share; `port` is the real one where 0 was asked for."""

    def __init__(self, http: Admitting) -> None:
        self._http = http
        self.port = 0

    def start(self, address: str, port: int) -> None:
        """Listen on one address, or on all when it is empty. Raises OSError: port in use, address not ours, not permitted."""
        self.adopt(bind_sockets(port, address or None))

    def adopt(self, sockets: Sequence[socket.socket]) -> None:
        """Serve sockets that listen already and have one port in common; they are nobody else's from now on."""
        self.port = sockets[0].getsockname()[1]
        self._http.add_sockets([_Entrance(each) for each in sockets])

    async def stop(self) -> None:
        """Stop listening and hang up on everybody."""
        self._http.stop()
        await self._http.close_all_connections()


class _Entrance(socket.socket):
    """A listening socket that rests while nobody can be let in: the loop would otherwise try without end, and log each time."""

    def __init__(self, listening: socket.socket) -> None:
        super().__init__(listening.family, listening.type, listening.proto, listening.detach())
        self.setblocking(False)

    def accept(self) -> tuple[socket.socket, Any]:
        """Who waits longest. Raises OSError: BlockingIOError where that is nobody, or nobody can be let in."""
        try:
            return super().accept()
        except OSError as error:
            if error.errno not in _EXHAUSTED:
                raise
            _log.warning("nobody can be let in: %s", error)
            loop = IOLoop.current()
            loop.update_handler(self, 0)
            loop.call_later(_REST, self._rested)
            raise BlockingIOError from error

    def _rested(self) -> None:
        if self.fileno() != -1:
            IOLoop.current().update_handler(self, IOLoop.READ)
