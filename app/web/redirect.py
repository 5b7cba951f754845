"""Plain HTTP: sends whoever typed the address without https:// to where it is spoken, and does nothing else."""

from __future__ import annotations

from tornado.httputil import HTTPHeaders, HTTPServerRequest, ResponseStartLine

from app.web.hosts import Hosts
from app.web.listener import Admitting, Listener
from app.web.places import MOST_PLAIN, MOST_PLAIN_EACH, Places

_HEADER_MAX = 4 << 10
_SLOW = 5.0
"""Seconds for a request's header."""


class Redirect(Listener):
    """Answers every request under one of our names with 308, and any other with 421: nobody is sent elsewhere from here.

    Args:
        hosts: our names.
        port: where HTTPS is spoken.
    """

    def __init__(self, hosts: Hosts, port: int) -> None:
        self._hosts = hosts
        self._suffix = "" if port == 443 else f":{port}"
        http = Admitting(
            self._answer,
            places=Places(MOST_PLAIN, MOST_PLAIN_EACH),
            max_header_size=_HEADER_MAX,
            max_body_size=0,
            max_buffer_size=1 << 16,
            idle_connection_timeout=_SLOW,
            no_keep_alive=True,
        )
        super().__init__(http)

    def _answer(self, request: HTTPServerRequest) -> None:
        headers = HTTPHeaders({"Content-Length": "0", "Connection": "close", "Cache-Control": "no-store"})
        known = self._hosts.admits(request.host) and request.uri is not None and request.uri.startswith("/")
        if known:
            name = request.host if request.host.endswith("]") else request.host.rpartition(":")[0] or request.host
            headers["Location"] = f"https://{name}{self._suffix}{request.uri}"
        line = ResponseStartLine(
            "HTTP/1.1", 308 if known else 421, "Permanent Redirect" if known else "Misdirected Request"
        )
        assert request.connection is not None
        request.connection.write_headers(line, headers)
        request.connection.finish()
