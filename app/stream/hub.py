"""Hands every encoded frame to every viewer. Theory of operation:

1. `publish` never waits: it puts the frame into each viewer's own queue, which is bounded in frames, bytes and age. One that falls behind
   skips to the next key frame; nobody else notices.
2. A viewer starts at a key frame: the last one and what followed it, if that is young enough to start still, or a new one. A key
   frame is asked of the encoder once for all and at most once in `KEY_INTERVAL`, and only for viewers that could begin to
   send it at once: key frames are large, everybody pays for them, and the board's encoder suffers under storms of them.
3. The encoder works only while somebody wants frames: viewers, or somebody waiting for a single key frame. `demand` is told
   when that begins and ends. Stills are wanted while a viewer is there that cannot decode the stream; `still_demand` is told.
4. `review`, about once a second, looks at what got through to whom, sets the encoder's bitrate and frame rate by it, and tells
   `audience`, which is also told when somebody joins or leaves.
5. Clocks come in from outside and are in microseconds, like the frames' own time stamps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from app.status import Viewers
from app.stream.pacer import BOUND
from app.stream.rate import Rate
from app.stream.viewer import MAX_BYTES, MAX_FRAMES, Viewer
from app.stream.wire import AccessUnit, Kind, Message, encode

KEY_INTERVAL: Final = 500_000
"""Microseconds between two requests for a key frame."""


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
    """

    def __init__(
        self,
        clock: Callable[[], int],
        encoder: Encoder,
        rate: Rate,
        audience: Callable[[Viewers], object],
    ) -> None:
        self._clock = clock
        self._encoder = encoder
        self._rate = rate
        self._audience = audience
        self.still_demand: Callable[[bool], object] = lambda wanted: None
        """Told whether `publish_still` is wanted, when that changes."""
        self._viewers: dict[int, Viewer] = {}
        self._taps: set[Viewer] = set()
        self._keys: set[asyncio.Future[AccessUnit]] = set()
        self._group: list[Message] = []
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
        viewer = Viewer(self._last_number, kind)
        self._viewers[viewer.number] = viewer
        if kind == Kind.H264:
            self._catch_up(viewer)
        self._tell()
        self._wanted()
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """The viewer is gone."""
        self._viewers.pop(viewer.number, None)
        self._tell()
        self._wanted()

    def tap(self) -> Viewer:
        """The stream for a part of the device itself; not in the audience."""
        viewer = Viewer()
        self._taps.add(viewer)
        self._wanted()
        return viewer

    def untap(self, viewer: Viewer) -> None:
        """That part has enough."""
        self._taps.discard(viewer)
        self._wanted()

    async def key_frame(self) -> AccessUnit:
        """The next key frame, for somebody who needs just one; waits for ever when there is no signal."""
        key: asyncio.Future[AccessUnit] = asyncio.get_running_loop().create_future()
        self._keys.add(key)
        self._wanted()
        try:
            return await key
        finally:
            self._keys.discard(key)
            self._wanted()

    def key_wanted(self, viewer: Viewer) -> None:
        """The viewer's decoder lost its way."""
        viewer.lost(self._clock())
        self._ask()

    def publish(self, unit: AccessUnit) -> None:
        """A frame came out of the encoder."""
        now = self._clock()
        message = encode(unit)
        self._remember(unit, message)
        for viewer in [*self._viewers.values(), *self._taps]:
            if viewer.kind == Kind.H264:
                viewer.offer(message, now)
        if unit.key:
            for key in self._keys:
                if not key.done():
                    key.set_result(unit)
        self._ask()

    def publish_still(self, unit: AccessUnit) -> None:
        """A picture for those who cannot decode the stream; each is a key frame."""
        now = self._clock()
        message = encode(unit, Kind.JPEG)
        for viewer in self._viewers.values():
            if viewer.kind == Kind.JPEG:
                viewer.offer(message, now)

    def fix_bitrate(self, bits_per_second: int | None) -> None:
        """Aim at this rate whatever the links carry; None follows them again."""
        self._rate.fixed = bits_per_second
        self.review()

    def review(self) -> None:
        """Set the encoder by what got through since the last call, and tell the audience."""
        now = self._clock()
        since, self._reviewed = max(1, now - self._reviewed), now
        observed = {viewer: viewer.observe(since) for viewer in self._viewers.values()}
        followed = [observation for viewer, observation in observed.items() if viewer.kind == Kind.H264]
        decision = self._rate.review(now, self._source_fps(), followed)
        for viewer in observed:
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
        if self._group and now - self._group[0].captured_us <= BOUND:
            for message in self._group:
                viewer.offer(message, now)

    def _remember(self, unit: AccessUnit, message: Message) -> None:
        before = self._newest
        if self._first is None or before is None or unit.sequence <= before.sequence:
            self._first = unit
        self._newest = unit
        if unit.key:
            self._group = [message]
        elif self._group:
            self._group.append(message)
            if len(self._group) > MAX_FRAMES or sum(len(each.data) for each in self._group) > MAX_BYTES:
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
        each = tuple(viewer.status() for viewer in viewers)
        self._audience(Viewers(len(each), decision.bitrate, decision.divisor, self._rate.fixed, each))

    def _wanted(self) -> None:
        demanded = bool(self._viewers or self._taps or self._keys)
        if demanded != self._demanded:
            self._demanded = demanded
            self._encoder.watch(demanded)
        stills = any(viewer.kind == Kind.JPEG for viewer in self._viewers.values())
        if stills != self._stills_demanded:
            self._stills_demanded = stills
            self.still_demand(stills)
        self._ask()

    def _ask(self) -> None:
        """Ask for a key frame if somebody could use one at once and the last request is long enough ago."""
        now = self._clock()
        if self._requested is not None and now - self._requested < KEY_INTERVAL:
            return
        viewers = [viewer for viewer in (*self._viewers.values(), *self._taps) if viewer.kind == Kind.H264]
        if any(viewer.wants_key(now) for viewer in viewers) or any(not key.done() for key in self._keys):
            self._requested = now
            self._encoder.request_key()
