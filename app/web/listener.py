"""An HTTP server on its port: listening, and hanging up."""

from __future__ import annotations

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets


class Listener:
    """What the HTTPS server and the redirect share; `port` is the real one where 0 was asked for."""

    def __init__(self, http: HTTPServer) -> None:
        self._http = http
        self.port = 0

    def start(self, address: str, port: int) -> None:
        """Listen on one address, or on all when it is empty. Raises OSError: port in use, address not ours, not permitted."""
        sockets = bind_sockets(port, address or None)
        self.port = sockets[0].getsockname()[1]
        self._http.add_sockets(sockets)

    async def stop(self) -> None:
        """Stop listening and hang up on everybody."""
        self._http.stop()
        await self._http.close_all_connections()
