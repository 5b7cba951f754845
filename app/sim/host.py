"""The simulated target's USB host: the other end of the cable for what types and points.

Each function is a pair of connected sockets that keep message boundaries, so that the event loop sees real descriptors: a host that does not
poll fills the queue and the next write gives EAGAIN, as the kernel's gadget does; a host that is not there gives ESHUTDOWN.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable

from app.gadget.functions import Profile
from app.status import UsbState

_REPORT_MAX = 64
_REPLUG = 1.0
"""Seconds from one set of functions to the next, about what a real host takes."""


class SimPort:
    """The device's side of one function; implements `app.hid.port.Port`."""

    def __init__(self, taken: Callable[[bytes], None]) -> None:
        self._taken = taken
        self._device, self._host = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        self._device.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 0)  # the kernel's minimum: a handful of reports
        self._configured = False
        self._asleep = False

    def fileno(self) -> int:
        """Writable when the host polls, readable when it sent an output report."""
        return self._device.fileno()

    def write(self, report: bytes) -> None:
        """Queue one report; errors as `Port.write` says."""
        if not self._configured:
            raise OSError(errno.ESHUTDOWN, os.strerror(errno.ESHUTDOWN))
        self._device.send(report)

    def asleep(self) -> bool:
        """Whether the host has suspended the bus."""
        return self._asleep

    def read(self) -> bytes | None:
        """The next output report; errors as `Port.read` says."""
        try:
            report = self._device.recv(_REPORT_MAX)
        except BlockingIOError:
            return None
        if not self._configured:
            raise OSError(errno.ESHUTDOWN, os.strerror(errno.ESHUTDOWN))
        return report or None

    def close(self) -> None:
        """The sockets live as long as the cable: the next write finds them again."""

    def host_poll(self, loop: asyncio.AbstractEventLoop) -> None:
        """The host configures the device and takes reports."""
        self._configured = True
        self._asleep = False
        loop.add_reader(self._host, self._take)

    def host_sleep(self, loop: asyncio.AbstractEventLoop) -> None:
        """The host suspends the bus: what it has not taken stays queued."""
        self._asleep = True
        loop.remove_reader(self._host)

    def host_leave(self, loop: asyncio.AbstractEventLoop) -> None:
        """The cable is out: what was queued is gone, and who listens hears it."""
        loop.remove_reader(self._host)
        self._configured = self._asleep = False
        while self._host_recv():
            pass
        self._host.send(b"")

    def host_send(self, report: bytes) -> None:
        """The host sends an output report."""
        self._host.send(report)

    def dispose(self) -> None:
        """Close both ends."""
        self._device.close()
        self._host.close()

    def _take(self) -> None:
        while report := self._host_recv():
            self._taken(report)

    def _host_recv(self) -> bytes:
        try:
            return self._host.recv(_REPORT_MAX)
        except BlockingIOError:
            return b""


class SimHost:
    """The functions behind one cable; implements `app.gadget.request.Switch`, by pulling it.

    `reports` are what the target does with each function's input reports.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, reports: dict[str, Callable[[bytes], None]]) -> None:
        self._loop = loop
        self._ports = {name: SimPort(taken) for name, taken in reports.items()}
        self._profile: Profile = ()
        self._replug: asyncio.TimerHandle | None = None
        self.state: UsbState = "not attached"
        """As the kernel prints it for a UDC."""

    def port(self, name: str) -> SimPort:
        """The device's side of a function."""
        return self._ports[name]

    def now(self) -> Profile:
        """What was asked for last: nothing here can refuse it."""
        return self._profile

    def refusal(self) -> str:
        """None, ever."""
        return ""

    def ask(self, wanted: Profile) -> None:
        """Pull the cable, and plug it in again with these functions."""
        if wanted != self._profile:
            self._profile = wanted
            self.unplug()
            self._replug = self._loop.call_later(_REPLUG, self.plug)

    def remind(self) -> None:
        """Nothing here forgets."""

    def plug(self) -> None:
        """Attach and configure, or resume."""
        self.state = "configured"
        for port in self._ports.values():
            port.host_poll(self._loop)

    def suspend(self) -> None:
        """The target sleeps."""
        self.state = "suspended"
        for port in self._ports.values():
            port.host_sleep(self._loop)

    def unplug(self) -> None:
        """Pull the cable."""
        self.state = "not attached"
        for port in self._ports.values():
            port.host_leave(self._loop)

    def dispose(self) -> None:
        """Free the descriptors."""
        if self._replug is not None:
            self._replug.cancel()
        self.unplug()
        for port in self._ports.values():
            port.dispose()
