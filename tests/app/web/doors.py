"""The simulated appliance with every door of a board open, which writes down what answers at each.

Plain HTTP has a port, as if systemd had handed it over, and the set-up's page is there as if an access point was up.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tornado.routing import Router, RuleRouter
from tornado.web import Application, RequestHandler

from app import __main__ as appliance
from app import networking, ports
from app.net.setup import SetUp
from app.web.join import Join
from app.web.listener import Listener

FILE = Path("doors.json")
METHODS = RequestHandler.SUPPORTED_METHODS


@dataclass(frozen=True)
class Door:
    """Where somebody listens."""

    kind: str
    port: int
    routes: dict[str, list[str]]
    """By the pattern of their paths: who answers, and to which methods. Empty where one and the same answers to everything."""


def doors(folder: Path) -> dict[str, Door]:
    """Those of the appliance that runs in the folder."""
    return {each["kind"]: Door(**each) for each in json.loads((folder / FILE).read_text())}


def routes(router: Router) -> Iterator[tuple[str, type[RequestHandler]]]:
    """Every route, whatever name of the host it is for."""
    for rule in router.rules if isinstance(router, RuleRouter) else ():
        if isinstance(rule.target, Router):
            yield from routes(rule.target)
        else:
            yield getattr(rule.matcher, "regex", rule.matcher).pattern.rstrip("$"), rule.target


def methods(handler: type[RequestHandler]) -> list[str]:
    """What it answers to."""
    return [each for each in METHODS if getattr(handler, each.lower()) is not RequestHandler._unimplemented_method]


def told(listener: Listener) -> Door:
    answering = listener._http.request_callback
    found = routes(answering.default_router) if isinstance(answering, Application) else ()
    return Door(type(listener).__name__, listener.port, {path: [who.__name__, *methods(who)] for path, who in found})


class Open(SetUp):
    """Its access point is up: there is no radio that would have to be."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.opening = asyncio.ensure_future(self._page(self))


def main() -> int:
    listening: list[Listener] = []
    adopt, welcome = Listener.adopt, appliance._welcome

    def adopted(self: Listener, sockets: list[socket.socket]) -> None:
        adopt(self, sockets)
        listening.append(self)

    def anywhere(self: Join, _address: str, _port: int) -> None:
        self.adopt([socket.create_server(("127.0.0.1", 0))])

    def handed(_environment: Mapping[str, str]) -> dict[str, list[socket.socket]]:
        return {name: [socket.create_server(("127.0.0.1", 0))] for name in ("https", "http")}

    def ready(*words: Any) -> None:
        FILE.write_text(json.dumps([asdict(told(each)) for each in listening]))
        welcome(*words)

    Listener.adopt, Join.start, ports.inherited = adopted, anywhere, handed  # type: ignore[method-assign, assignment]
    networking.SetUp, appliance._welcome = Open, ready  # type: ignore[misc, assignment]
    return appliance.main()


if __name__ == "__main__":
    sys.exit(main())
