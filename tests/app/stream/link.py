"""The hub and its viewers over simulated links, on a clock that only the simulation moves."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from app.status import Viewers
from app.stream.hub import Hub
from app.stream.rate import Rate
from app.stream.viewer import Viewer
from app.stream.wire import Kind, Message
from app.video.frame import AccessUnit

SECOND = 1_000_000
UNSENT = 16 << 10
"""Bytes a socket takes beyond what is on the wire: the real one's TCP_NOTSENT_LOWAT."""
DECODING = 8_000
REVIEW = SECOND


@dataclass
class Link:
    """One viewer's network: bits per second, one-way delay in microseconds, and when nothing gets through."""

    rate: float
    delay: int
    stalls: list[tuple[int, int]] = field(default_factory=list)
    lossy: float = 0.0
    """Part of the frames that lose a packet: they and all behind them come a round trip later."""
    reads: bool = True
    free: int = 0
    """When all that was written will be on the wire."""
    _lost: float = 0.0
    _penalty: int = 0

    def send(self, now: int, size: int) -> tuple[int, int]:
        """When the socket has taken the message, and when all of it has arrived."""
        start = self._after_stall(max(self.free, now))
        self.free = self._after_stall(start + round(size * 8 * SECOND / self.rate))
        self._lost += self.lossy
        if self._lost >= 1:
            self._lost -= 1
            self._penalty = max(self._penalty, self.free + 3 * self.delay)
        taken = max(now, self.free - round(UNSENT * 8 * SECOND / self.rate))
        return self._after_stall(taken), max(self.free + self.delay, self._penalty)

    def _after_stall(self, when: int) -> int:
        for begin, end in self.stalls:
            if begin <= when < end:
                return end + when - begin
        return when


@dataclass
class Watcher:
    """One viewer and what came of it."""

    viewer: Viewer
    link: Link
    busy: bool = False
    started: list[tuple[int, Message]] = field(default_factory=list)
    """When each frame's transmission started."""
    painted: list[tuple[int, Message]] = field(default_factory=list)
    most_held: int = 0
    """Bytes queued and unacknowledged, at worst."""


class Network:
    """A hub, an encoder that spends exactly its bitrate unless the picture needs less, and watchers.

    `key` and `frame` are the most bytes that a key frame and another one of the picture take.
    """

    def __init__(self, ceiling: int = 4_000_000, fps: int = 30, *, key: int = 1 << 30, frame: int = 1 << 30) -> None:
        self.now = 0
        self.fps = fps
        self.most = {True: key, False: frame}
        self.bitrate = ceiling
        self.divisor = 1
        self.key_requests: list[int] = []
        self.bitrates: list[tuple[int, int]] = []
        self.audience: list[Viewers] = []
        self.hub = Hub(lambda: self.now, self, Rate(ceiling), self.audience.append)
        self.watchers: list[Watcher] = []
        self.sequence = 0
        self.published: list[int] = []
        self._key_wanted = True
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()
        self._at(SECOND // fps, self._frame)
        self._at(REVIEW, self._review)

    def watch(self, watched: bool) -> None:
        """The encoder is always on here."""

    def request_key(self) -> None:
        self.key_requests.append(self.now)
        self._key_wanted = True

    def set_bitrate(self, bits_per_second: int) -> None:
        self.bitrate = bits_per_second
        self.bitrates.append((self.now, bits_per_second))

    def set_frame_divisor(self, divisor: int) -> None:
        self.divisor = divisor

    def join(self, link: Link, kind: Kind = Kind.H264) -> Watcher:
        watcher = Watcher(self.hub.join(kind), link)
        self.watchers.append(watcher)
        self._pump(watcher)
        return watcher

    def run(self, seconds: float) -> None:
        """Let so much time go by."""
        end = self.now + round(seconds * SECOND)
        while self._events and self._events[0][0] <= end:
            self.now, _order, act = heapq.heappop(self._events)
            act()
        self.now = end

    def _at(self, when: int, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), act))

    def _frame(self) -> None:
        self._at(self.now + SECOND // self.fps, self._frame)
        self.sequence += 1
        if self.sequence % self.divisor:
            return
        key, self._key_wanted = self._key_wanted, False
        size = self.bitrate // 8 // 4 if key else self.bitrate * self.divisor // 8 // self.fps
        size = min(size, self.most[key])
        captured = self.now - 5_000
        self.published.append(self.sequence)
        self.hub.publish(AccessUnit(bytes(size), key, self.sequence, captured, 5_000, 1280, 720))
        for watcher in self.watchers:
            self._pump(watcher)

    def _review(self) -> None:
        self._at(self.now + REVIEW, self._review)
        if self.hub.occupied.is_set():
            self.hub.review()

    def _pump(self, watcher: Watcher) -> None:
        """What the socket does: the next frame when the last one has been taken."""
        viewer = watcher.viewer
        watcher.most_held = max(watcher.most_held, viewer.queued_bytes + viewer.pacer.in_flight)
        if watcher.busy:
            return
        message = viewer.take(self.now)
        if message is None:
            return
        watcher.started.append((self.now, message))
        watcher.busy = True
        if not watcher.link.reads:
            return
        taken, arrived = watcher.link.send(self.now, len(message.data))
        self._at(taken, lambda: self._taken(watcher))
        self._at(arrived + DECODING, lambda: self._paint(watcher, message))

    def _taken(self, watcher: Watcher) -> None:
        watcher.busy = False
        self._pump(watcher)

    def _paint(self, watcher: Watcher, message: Message) -> None:
        watcher.painted.append((self.now, message))
        self._at(self.now + watcher.link.delay, lambda: self._acknowledge(watcher, message))

    def _acknowledge(self, watcher: Watcher, message: Message) -> None:
        watcher.viewer.shown(message.sequence, self.now)
        self._pump(watcher)
