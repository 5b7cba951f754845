"""Hands every encoded frame to every viewer. Theory of operation:

1. `publish` never waits: it puts the frame into each viewer's own queue, which is bounded in frames, bytes and age. One that falls behind
   skips to the next key frame; nobody else notices.
2. A viewer starts at a key frame: the last one and what followed it, if that is young enough to start still, or a new one. A key
   frame is asked of the encoder once for all and at most once in `KEY_INTERVAL`, and only for viewers that could begin to
   send it at once: key frames are large, everybody pays for them, and the board's encoder suffers under storms of them. A viewer
   that wishes for one (to begin a recording) loses nothing by it, and gets one every two seconds at most.
3. The encoder works only while somebody wants frames, and is told when that begins and ends. Stills are wanted while a viewer is there
   that cannot decode the stream; `still_demand` is told. One still serves them all, and its size follows the slowest of them that answers.
4. `review`, about once a second while the hub is `occupied` and once after that, looks at what got through to whom, sets the encoder's bitrate and frame rate by it, and tells
   `audience`, which is also told when somebody joins or leaves.
5. Clocks come in from outside and are in microseconds, like the frames' own time stamps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from app.status import Viewers
from app.stream.pacer import BOUND, Pacer
from app.stream.rate import Decision, Rate
from app.stream.viewer import MAX_BYTES, MAX_FRAMES, Viewer
from app.stream.wire import AccessUnit, Kind, Message, encode

KEY_INTERVAL: Final = 500_000
"""Microseconds between two requests for a key frame."""

STILL_TIME: Final = 400_000
"""Microseconds that a still may take on a viewer's link: it stands in for video, and what follows a key is seen within a second."""


class Encoder(Protocol):
    """What the hub asks of the video's side; each call returns at once."""

    def watch(self, watched: bool) -> None:
        """Whether frames are wanted."""

    def request_key(self) -> None:
        """Make the next frame a key frame."""

    def set_bitrate(self, bits_per_second: int) -> None:
        """Aim at this rate."""

    def set_frame_divisor(self, divisor: int) -> None:
        """Encode one of so many of the source's frames."""


class Hub:
    """All viewers of the one picture. Lives on the event loop.

    Args:
        clock: microseconds, monotonic.
        encoder: where the frames come from.
        rate: decides on bitrate and frame rate.
        audience: told who is there and how they fare.
        bound: microseconds after its capture within which a frame may start.
    """

    def __init__(
        self,
        clock: Callable[[], int],
        encoder: Encoder,
        rate: Rate,
        audience: Callable[[Viewers], object],
        bound: int = BOUND,
    ) -> None:
        self._clock = clock
        self._encoder = encoder
        self._rate = rate
        self._audience = audience
        self._bound = bound
        self.still_demand: Callable[[bool], object] = lambda wanted: None
        """Told whether `publish_still` is wanted, when that changes."""
        self.still_bytes: int | None = None
        """What a still may have to be with everybody in time; None while nobody knows."""
        self.occupied = asyncio.Event()
        """Set while there are viewers."""
        self._viewers: dict[int, Viewer] = {}
        self._taps: set[Viewer] = set()
        self._group: list[Message] = []
        self._group_bytes = 0
        self._last_number = 0
        self._demanded = self._stills_demanded = False
        self._requested: int | None = None
        self._first: AccessUnit | None = None
        self._newest: AccessUnit | None = None
        self._reviewed = clock()
        self._in_force = rate.decision

    def now(self) -> int:
        """Microseconds of the clock that everything here goes by."""
        return self._clock()

    def join(self, kind: Kind = Kind.H264) -> Viewer:
        """A new viewer; its first message will be a key frame."""
        self._last_number += 1
        viewer = Viewer(self._last_number, kind, Pacer(self._bound))
        if not self._viewers:
            self._reviewed = self._clock()  # nobody was looked at while nobody was there
        self._viewers[viewer.number] = viewer
        self.occupied.set()
        if kind == Kind.H264:
            self._catch_up(viewer)
        self._tell()
        self._wanted()
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """The viewer is gone."""
        self._viewers.pop(viewer.number, None)
        if not self._viewers:
            self.occupied.clear()
        self._tell()
        self._wanted()

    def tap(self) -> Viewer:
        """The stream for a part of the device itself; not in the audience."""
        viewer = Viewer(pacer=Pacer(self._bound))
        self._taps.add(viewer)
        self._wanted()
        return viewer

    def untap(self, viewer: Viewer) -> None:
        """That part has enough."""
        self._taps.discard(viewer)
        self._wanted()

    def key_wanted(self, viewer: Viewer) -> None:
        """The viewer's decoder lost its way."""
        viewer.lost(self._clock())
        self._ask()

    def key_wished(self, viewer: Viewer) -> None:
        """The viewer would like to begin something at a key frame; its picture goes on meanwhile."""
        viewer.wished()
        self._ask()

    def publish(self, *units: AccessUnit) -> None:
        """Frames came out of the encoder; of those that come together only the last one is the newest."""
        now = self._clock()
        messages = [encode(unit) for unit in units]
        for unit, message in zip(units, messages, strict=True):
            self._remember(unit, message)
        for viewer in [*self._viewers.values(), *self._taps]:
            if viewer.kind == Kind.H264:
                for message in messages:
                    viewer.offer(message, now)
                viewer.wake()
        self._ask()

    def publish_still(self, unit: AccessUnit) -> None:
        """A picture for those who cannot decode the stream; each is a key frame."""
        now = self._clock()
        message = encode(unit, Kind.JPEG)
        for viewer in self._viewers.values():
            if viewer.kind == Kind.JPEG:
                viewer.offer(message, now)
                viewer.wake()

    def fix_bitrate(self, bits_per_second: int | None) -> None:
        """Aim at this rate whatever the links carry; None follows them again."""
        self._decide(self._rate.fix(bits_per_second))

    def review(self) -> None:
        """Set the encoder by what got through since the last call, and tell the audience."""
        now = self._clock()
        since, self._reviewed = max(1, now - self._reviewed), now
        observed = {viewer: viewer.observe(since) for viewer in self._viewers.values()}
        followed = [observation for viewer, observation in observed.items() if viewer.kind == Kind.H264]
        self._decide(self._rate.review(now, self._source_fps(), followed))
        pictured = [seen.carries for viewer, seen in observed.items() if viewer.kind == Kind.JPEG and seen.active]
        self.still_bytes = min(
            (rate // 8 * STILL_TIME // 1_000_000 for rate in pictured if rate), default=self.still_bytes
        )

    def _decide(self, decision: Decision) -> None:
        for viewer in self._viewers.values():
            viewer.slide_show = viewer.number in decision.slide_shows
        if decision.bitrate != self._in_force.bitrate:
            self._encoder.set_bitrate(decision.bitrate)
        if decision.divisor != self._in_force.divisor:
            self._encoder.set_frame_divisor(decision.divisor)
        self._in_force = decision
        self._tell()

    def _catch_up(self, viewer: Viewer) -> None:
        """Give a newcomer the last key frame's group, if all of it may still start."""
        now = self._clock()
        if self._group and now - self._group[0].captured_us <= self._bound:
            for message in self._group:
                viewer.offer(message, now)

    def _remember(self, unit: AccessUnit, message: Message) -> None:
        before = self._newest
        if self._first is None or before is None or unit.sequence <= before.sequence:
            self._first = unit
        self._newest = unit
        if unit.key:
            self._group, self._group_bytes = [message], len(message.data)
        elif self._group:
            self._group.append(message)
            self._group_bytes += len(message.data)
            if len(self._group) > MAX_FRAMES or self._group_bytes > MAX_BYTES:
                self._group = []

    def _source_fps(self) -> float:
        """Of the source, whatever part of its frames is encoded; 0 while not known."""
        first, newest = self._first, self._newest
        self._first = newest
        if first is None or newest is None or newest.captured_us <= first.captured_us:
            return 0.0
        return (newest.sequence - first.sequence) * 1_000_000 / (newest.captured_us - first.captured_us)

    def _tell(self) -> None:
        decision, viewers = self._rate.decision, self._viewers.values()
        now = self._clock()
        each = tuple(viewer.status(now) for viewer in viewers)
        self._audience(Viewers(len(each), decision.bitrate, decision.divisor, self._rate.fixed, each))

    def _wanted(self) -> None:
        demanded = bool(self._viewers or self._taps)
        if demanded != self._demanded:
            self._demanded = demanded
            self._encoder.watch(demanded)
        stills = any(viewer.kind == Kind.JPEG for viewer in self._viewers.values())
        if stills != self._stills_demanded:
            self._stills_demanded, self.still_bytes = stills, None
            self.still_demand(stills)
        self._ask()

    def _ask(self) -> None:
        """Ask for a key frame if somebody could use one at once and the last request is long enough ago."""
        now = self._clock()
        if self._requested is not None and now - self._requested < KEY_INTERVAL:
            return
        viewers = [viewer for viewer in (*self._viewers.values(), *self._taps) if viewer.kind == Kind.H264]
        if any(viewer.wants_key(now) for viewer in viewers):
            self._requested = now
            self._encoder.request_key()
