"""Where the web is served: on sockets that systemd hands over, or on the port of the settings; and plain HTTP that redirects."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Final

from app.inherited import listeners
from app.options import Misfit
from app.settings import Web
from app.web.hosts import Hosts
from app.web.redirect import Redirect
from app.web.server import Server

HTTP: Final = 80
HTTPS: Final = 443


def inherited(environment: Mapping[str, str]) -> dict[str, list[socket.socket]]:
    """The sockets that systemd hands over, by name. Raises Misfit."""
    try:
        return listeners(environment, os.getpid())
    except (OSError, ValueError) as error:
        raise Misfit(f"cannot use the sockets of systemd: {error}") from error


def listen(
    server: Server, hosts: Hosts, web: Web, given: Mapping[str, Sequence[socket.socket]]
) -> Iterator[Callable[[], Awaitable[None]]]:
    """Serve, and redirect plain HTTP where HTTPS has its usual port. What stops each. Raises Misfit.

    The sockets that systemd hands over count before the settings: on the board its units decide where to listen.
    """
    log = logging.getLogger(__name__)
    if "https" in given:
        server.adopt(given["https"])
        if (web.listen, web.port) != ("", server.port):
            log.warning("web.listen and web.port do not count: systemd listens on port %d", server.port)
    else:
        _bind(server, web)
    yield server.stop
    redirect = Redirect(hosts, server.port)
    if "http" in given:
        redirect.adopt(given["http"])
        yield redirect.stop
    elif server.port == HTTPS:
        try:
            redirect.start(web.listen, HTTP)
        except OSError as error:  # that somebody else has port 80 is no reason not to start
            log.warning("plain HTTP is not redirected: %s", error.strerror)
        yield redirect.stop


def _bind(server: Server, web: Web) -> None:
    try:
        server.start(web.listen, web.port)
    except (OSError, OverflowError) as error:
        where = f"{web.listen or '*'}:{web.port}"
        words = error.strerror if isinstance(error, OSError) else str(error)
        raise Misfit(f"cannot listen on {where}: {words}; choose another with --listen and --port") from error
