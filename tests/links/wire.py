"""Two network namespaces and a wire between them that this process is: TUN devices, and packets delayed, lost and held back in Python.

What `tc netem` does in the kernel, where a kernel has it; real TCP runs on both sides.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time
from dataclasses import dataclass
from itertools import count

_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_QUEUE = 64 << 10
"""Bytes a router in the middle holds before it drops; never less than 200 ms of its rate."""

SERVER, CLIENT = "10.77.0.1", "10.77.0.2"


@dataclass
class Path:
    """One direction: bits per second, one-way delay in seconds, part of the packets lost."""

    rate: float
    delay: float
    loss: float = 0.0
    free: float = 0.0


def possible() -> str:
    """Why this machine cannot, or nothing."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
        subprocess.run(["ip", "netns", "list"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no TUN device or no namespaces: {error}"
    return ""


class Wire:
    """Make it, use `execute` prefixes to run programs at its ends, `close` it. Both directions are alike."""

    _numbers = count()

    def __init__(self, rate: float, delay: float, loss: float = 0.0, seed: int = 1) -> None:
        tag = f"ik{os.getpid() % 100000}x{next(self._numbers)}"
        self.names = (f"{tag}s", f"{tag}c")
        self.paths = (Path(rate, delay, loss), Path(rate, delay, loss))
        self.lost = 0
        self._random = random.Random(seed)
        self._blocked = False
        self._stopping = False
        self._order = count()
        self._under_way: list[tuple[float, int, int, bytes]] = []
        self._descriptors = tuple(self._end(name, own, peer) for name, own, peer in zip(
            self.names, (SERVER, CLIENT), (CLIENT, SERVER), strict=True))  # fmt: skip
        self._thread = threading.Thread(target=self._carry, name="wire", daemon=True)
        self._thread.start()

    def execute(self, end: int) -> list[str]:
        """What to put before a command: 0 is the server's end, 1 the client's."""
        return ["ip", "netns", "exec", self.names[end]]

    def block(self, *, blocked: bool) -> None:
        """Hold everything back, or let it go."""
        self._blocked = blocked

    def close(self) -> None:
        """Take it down."""
        self._stopping = True
        self._thread.join()
        for descriptor, name in zip(self._descriptors, self.names, strict=True):
            os.close(descriptor)
            subprocess.run(["ip", "netns", "del", name], check=True)

    @staticmethod
    def _end(name: str, own: str, peer: str) -> int:
        descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI))
        inside = ["ip", "-n", name]
        for command in (
            ["ip", "netns", "add", name],
            ["ip", "link", "set", name, "netns", name],
            [*inside, "link", "set", "lo", "up"],
            [*inside, "addr", "add", own, "peer", peer, "dev", name],
            [*inside, "link", "set", name, "up"],
        ):
            subprocess.run(command, check=True)
        return descriptor

    def _carry(self) -> None:
        while not self._stopping:
            now = time.monotonic()
            wait = 0.01
            if self._under_way and not self._blocked:
                wait = min(wait, max(0.0, self._under_way[0][0] - now))
            ready, _, _ = select.select(self._descriptors, [], [], wait)
            for descriptor in ready:
                self._take(descriptor)
            self._deliver(time.monotonic())

    def _take(self, descriptor: int) -> None:
        end = self._descriptors.index(descriptor)
        path = self.paths[end]
        while True:
            try:
                packet = os.read(descriptor, 65536)
            except BlockingIOError:
                return
            now = time.monotonic()
            queued = max(0.0, path.free - now) * path.rate / 8
            if queued + len(packet) > max(_QUEUE, path.rate / 8 * 0.2) or self._random.random() < path.loss:
                self.lost += 1
                continue
            path.free = max(now, path.free) + len(packet) * 8 / path.rate
            heapq.heappush(self._under_way, (path.free + path.delay, next(self._order), end, packet))

    def _deliver(self, now: float) -> None:
        while self._under_way and self._under_way[0][0] <= now and not self._blocked:
            _when, _order, end, packet = heapq.heappop(self._under_way)
            try:
                os.write(self._descriptors[1 - end], packet)
            except OSError:  # the other end is not up yet, or its queue is full: a lost packet
                self.lost += 1
