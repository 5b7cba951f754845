"""The machine's addresses, and word of their changes, from the kernel's routing socket.

Source: rtnetlink(7), include/uapi/linux/{netlink,rtnetlink,if_addr}.h.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
from collections.abc import Iterator

from app import cable

_HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
_ADDRESS = struct.Struct("=BBBBI")  # ifaddrmsg: family, prefix length, flags, scope, interface
_ATTRIBUTE = struct.Struct("=HH")  # rtattr: length, type
_NLMSG_DONE, _NLMSG_ERROR = 3, 2
_RTM_NEWADDR, _RTM_GETADDR = 20, 22
_REQUEST_DUMP = 0x301  # NLM_F_REQUEST | NLM_F_DUMP
_GROUPS = 0x10 | 0x100  # RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR
_SCOPE_UNIVERSE = 0
_PASSING = 0x01 | 0x20 | 0x40  # IFA_F_TEMPORARY, _DEPRECATED, _TENTATIVE: not an address to write down
_IFA_ADDRESS, _IFA_LOCAL = 1, 2


class Addresses:
    """The routing socket; `fileno` is readable when addresses came or went."""

    def __init__(self) -> None:
        self._news = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
        self._news.bind((0, _GROUPS))

    def fileno(self) -> int:
        """For the event loop; call `drain` when readable."""
        return self._news.fileno()

    def drain(self) -> None:
        """Forget the pending news; `now` tells what they led to."""
        try:
            while True:
                self._news.recv(65536)
        except BlockingIOError:
            pass
        except OSError:
            pass  # ENOBUFS: news were lost, which is news as well

    def now(self) -> tuple[str, ...]:
        """Addresses under which others can reach us: IPv4 before IPv6, without loopback and link-local ones.

        The one on the cable to the target comes last: nobody else can reach it.
        """
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE) as channel:
            channel.send(
                _HEADER.pack(_HEADER.size + _ADDRESS.size, _RTM_GETADDR, _REQUEST_DUMP, 1, 0) + bytes(_ADDRESS.size)
            )
            found = {address for message in _dump(channel) if (address := _global_address(message)) is not None}
        ordered = sorted(found, key=lambda address: (str(address) == cable.ADDRESS, address.version, int(address)))
        return tuple(map(str, ordered))

    def close(self) -> None:
        """Close the socket."""
        self._news.close()


def _dump(channel: socket.socket) -> Iterator[bytes]:
    """The bodies of the address messages, until the kernel says that was all."""
    while True:
        data = memoryview(channel.recv(65536))
        while data:
            length, kind, _flags, _sequence, _port = _HEADER.unpack_from(data)
            if kind in {_NLMSG_DONE, _NLMSG_ERROR}:
                return
            if kind == _RTM_NEWADDR:
                yield bytes(data[_HEADER.size : length])
            data = data[(length + 3) & ~3 :]


def _global_address(body: bytes) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    _family, _prefix, flags, scope, _interface = _ADDRESS.unpack_from(body)
    if scope != _SCOPE_UNIVERSE or flags & _PASSING:
        return None
    attributes: dict[int, bytes] = {}
    at = _ADDRESS.size
    while at < len(body):
        length, kind = _ATTRIBUTE.unpack_from(body, at)
        attributes[kind] = body[at + _ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3
    # On point-to-point links IFA_ADDRESS is the other end.
    return ipaddress.ip_address(attributes.get(_IFA_LOCAL, attributes[_IFA_ADDRESS]))
