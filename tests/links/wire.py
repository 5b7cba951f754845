"""Two network namespaces and a wire between them, a process of its own: TUN devices, and packets delayed, lost and held back in Python.

What `tc netem` does in the kernel, where a kernel has it; real TCP runs on both sides. `python -m tests.links.wire TAG RATE DELAY LOSS` reads
what is to change from its standard input, and takes all down when that ends, so that nothing is left of tests that were killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import heapq
import os
import random
import select
import signal
import struct
import subprocess
import sys
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

    def __init__(self, rate: float, delay: float, loss: float = 0.0) -> None:
        tag = f"ik{os.getpid() % 100000}x{next(self._numbers)}"
        self._names = _names(tag)
        command = [sys.executable, "-m", "tests.links.wire", tag, str(rate), str(delay), str(loss)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def execute(self, end: int) -> list[str]:
        """What to put before a command: 0 is the server's end, 1 the client's."""
        return ["ip", "netns", "exec", self._names[end]]

    def begin(self) -> None:
        """From now on it counts how late it comes."""
        self._say("begin")

    def block(self, *, blocked: bool) -> None:
        """Hold everything back, or let it go."""
        self._say(f"blocked {int(blocked)}")

    def set_rate(self, rate: float) -> None:
        """Another one, in both directions."""
        self._say(f"rate {rate}")

    def close(self) -> int:
        """Take it down; microseconds that it came late at most."""
        lag, _ = self._process.communicate()
        return int(lag)

    def _say(self, words: str) -> None:
        assert self._process.stdin is not None
        print(words, file=self._process.stdin, flush=True)


def _names(tag: str) -> tuple[str, str]:
    return f"{tag}s", f"{tag}c"


class Carrier:
    """The wire's own process. `run` it until its standard input ends."""

    def __init__(self, tag: str, rate: float, delay: float, loss: float, seed: int = 1) -> None:
        self.names = _names(tag)
        self.paths = (Path(rate, delay, loss), Path(rate, delay, loss))
        self.worst_lag = 0.0
        self._random = random.Random(seed)
        self._blocked = False
        self._order = count()
        self._under_way: list[tuple[float, int, int, bytes]] = []
        self._descriptors = tuple(self._end(name, own, peer) for name, own, peer in zip(
            self.names, (SERVER, CLIENT), (CLIENT, SERVER), strict=True))  # fmt: skip

    def run(self) -> None:
        due = time.monotonic()
        while True:
            now = time.monotonic()
            self.worst_lag = max(self.worst_lag, now - due)
            wait = 0.01
            if self._under_way and not self._blocked:
                wait = min(wait, max(0.0, self._under_way[0][0] - now))
            due = now + wait
            ready, _, _ = select.select([*self._descriptors, sys.stdin], [], [], wait)
            for descriptor in ready:
                if descriptor is not sys.stdin:
                    self._take(descriptor)
                elif not self._heed(sys.stdin.readline()):
                    return
            self._deliver(time.monotonic())

    def close(self) -> None:
        for descriptor, name in zip(self._descriptors, self.names, strict=True):
            os.close(descriptor)
            subprocess.run(["ip", "netns", "del", name], check=True)

    def _heed(self, line: str) -> bool:
        """Whether to go on."""
        what, _, value = line.strip().partition(" ")
        if what == "begin":
            self.worst_lag = 0.0
        elif what == "blocked":
            self._blocked = value == "1"
        elif what == "rate":
            for path in self.paths:
                path.rate = float(value)
        return bool(line)

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
                continue
            path.free = max(now, path.free) + len(packet) * 8 / path.rate
            heapq.heappush(self._under_way, (path.free + path.delay, next(self._order), end, packet))

    def _deliver(self, now: float) -> None:
        while self._under_way and self._under_way[0][0] <= now and not self._blocked:
            _when, _order, end, packet = heapq.heappop(self._under_way)
            with contextlib.suppress(OSError):  # the other end is not up yet, or its queue is full: a lost packet
                os.write(self._descriptors[1 - end], packet)


def main(tag: str, rate: str, delay: str, loss: str) -> None:
    carrier = Carrier(tag, float(rate), float(delay), float(loss))
    try:
        print("ready", flush=True)
        carrier.run()
    finally:
        carrier.close()
    with contextlib.suppress(BrokenPipeError):  # nobody is left to be told
        print(round(carrier.worst_lag * 1_000_000), flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who made it ends it
    main(*sys.argv[1:])
