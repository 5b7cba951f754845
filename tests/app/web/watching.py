"""`python -m tests.app.web.watching URL USER PASSWORD`: watches, and prints each frame's sequence.

A process of its own, because what is measured is the server and not how busy the test is.
"""

from __future__ import annotations

import sys

from tests.client import HEADER, REPLY, Client

_H264 = 1


def main(url: str, user: str, password: str) -> None:
    """Until somebody ends it."""
    client = Client(url)
    assert client.login(user, password).status == 200
    socket = client.socket("/api/stream")
    while True:
        message = socket.recv()
        assert isinstance(message, bytes)
        _version, kind, _flags, sequence, *_rest = HEADER.unpack_from(message)
        if kind == _H264:
            socket.send(REPLY.pack(1, 1, 0, sequence))
            print(sequence, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
