"""The least that Tornado can do: messages over TLS to reports, with nobody asked who it is, and nothing checked.

`python3 -m tests.kernel.guest.plain NODE PEM` says its port and serves for good.
"""

from __future__ import annotations

import asyncio
import json
import os
import struct
import sys
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from tests import door


class Moves(WebSocketHandler):
    """`/api/ws`, as far as a pointer goes."""

    def initialize(self, node: int) -> None:
        self._node = node

    def open(self, *_arguments: str) -> None:
        self.set_nodelay(True)

    def on_message(self, message: str | bytes) -> None:
        place = json.loads(message)["event"]["to"]
        x, y = (place[axis] + 32768 >> 1 for axis in "xy")
        os.write(self._node, struct.pack("<BHHbb", 0, x, y, 0, 0))


async def main(node: str, pem: str) -> None:
    descriptor = os.open(node, os.O_RDWR)
    application = Application([("/api/ws", Moves, {"node": descriptor})])
    server = HTTPServer(application, ssl_options=door.context(Path(pem)))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    print(sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
