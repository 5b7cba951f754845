"""Listening sockets that systemd opened before the daemon ran: ports below 1024 without a privilege, and nobody is refused
while the daemon starts again. Source: sd_listen_fds(3).
"""

from __future__ import annotations

import socket
from collections.abc import Mapping

_FIRST = 3
"""SD_LISTEN_FDS_START."""


def listeners(environment: Mapping[str, str], process: int) -> dict[str, list[socket.socket]]:
    """The sockets by the name that their unit gives them (FileDescriptorName=); none when `process` was not handed any.

    Raises ValueError: the environment speaks of descriptors in a way that sd_listen_fds(3) does not.
    """
    if environment.get("LISTEN_PID") != str(process):
        return {}
    count = int(environment.get("LISTEN_FDS", "0"))
    names = environment.get("LISTEN_FDNAMES", "").split(":")
    if len(names) != count:
        raise ValueError(f"LISTEN_FDNAMES names {len(names)} sockets, expected LISTEN_FDS={count}")
    given: dict[str, list[socket.socket]] = {}
    for descriptor, name in enumerate(names, start=_FIRST):
        listener = socket.socket(fileno=descriptor)
        listener.setblocking(False)
        listener.set_inheritable(False)
        given.setdefault(name, []).append(listener)
    return given
