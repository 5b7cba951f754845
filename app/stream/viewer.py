"""One viewer's queue: bounded in frames, bytes and age, and never holding a frame that cannot be decoded."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Final, Literal

from app.status import Delivery
from app.stream.pacer import Pacer
from app.stream.rate import Observation
from app.stream.wire import Kind, Message, Report

MAX_FRAMES: Final = 30
MAX_BYTES: Final = 4 << 20
SLIDE_INTERVAL: Final = 2_000_000
"""Microseconds between the key frames of a slide show."""
WISH_INTERVAL: Final = 2_000_000
"""Microseconds between two key frames for one viewer that can do without."""
FIRST_PATIENCE: Final = 500_000
LAST_PATIENCE: Final = 8_000_000
"""Microseconds: a decoder that keeps losing its way asks for key frames more and more rarely."""
STALLED: Final = 1_000_000
"""Microseconds that a frame in flight may be overdue before its link is called stalled."""
STALE: Final = 3
"""Reviews after which a report does not say any more what is so now."""
_CALM: Final = 5_000_000
"""Microseconds without a loss after which the next one is the first again."""

Cause = Literal["late", "full", "waiting", "slide_show", "decoder"]
_FORMATS = {Kind.H264: "h264", Kind.JPEG: "jpeg"}


class Viewer:
    """What one socket still has to be sent. Everything here runs on the event loop; times are microseconds.

    A viewer starts at a key frame. A queued frame that became too old to start, while newer ones exist, takes the rest of its group
    with it; so does an overflow. The newest frame may always start: there is nothing better to send. Of still pictures only the newest waits.
    """

    def __init__(
        self,
        number: int = 0,
        kind: Kind = Kind.H264,
        pacer: Pacer | None = None,
        max_frames: int = MAX_FRAMES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.number = number
        self.kind = kind
        self.pacer = pacer or Pacer()
        self.waits_for_key = True
        self.slide_show = False
        """Key frames only."""
        self.drops: Counter[Cause] = Counter()
        """Frames this viewer was not given, by cause."""
        self.report: Report | None = None
        """What it said of itself lately."""
        self.histogram: tuple[int, ...] = ()
        """Its latencies lately, by its own account."""
        self.decoder_drops = 0
        """Frames it said it did not paint."""
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._queue: deque[Message] = deque()
        self._bytes = 0
        self._idle = True
        self._patience = 0
        self._patient_until: int | None = None
        self._slid_at: int | None = None
        self._wishes = False
        self._wish_due = 0
        """When a wish may be granted."""
        self.wake: Callable[[], object] = lambda: None
        """Told when `take` may have another answer."""
        self._observed_bytes = self._observed_drops = self._offered = 0
        self._calmest: int | None = None
        self._bitrate = 0
        self._unreported = 0
        """Reviews since its last report."""

    @property
    def queued_bytes(self) -> int:
        """What waits to start."""
        return self._bytes

    @property
    def dropped(self) -> int:
        """Frames this viewer was not given."""
        return self.drops.total()

    def offer(self, message: Message, now: int) -> None:
        """Queue the message if this viewer can use it; `wake` is to be called then. Never waits."""
        self._offered += len(message.data)
        self._shed(now, newest=False)
        if self.slide_show and not message.key:
            self.waits_for_key = True
            self.drops["slide_show"] += 1
            return
        if self.waits_for_key and not message.key:
            self.drops["waiting"] += 1
            return
        cause = self._overtaken_by(message)
        if self._queue and cause is not None:
            self._clear(cause)
            if not message.key:
                self.drops["full"] += 1
                self._lose(now)
                return
        self.waits_for_key = False
        if message.key and self._wishes:
            self._wishes, self._wish_due = False, now + WISH_INTERVAL
        self._queue.append(message)
        self._bytes += len(message.data)

    def take(self, now: int) -> Message | None:
        """The frame whose transmission starts now, or None while none may."""
        self._shed(now, newest=True)
        self._idle = not self._queue or not self.pacer.may_start(now, len(self._queue[0].data))
        if self._idle:
            return None
        message = self._queue.popleft()
        self._bytes -= len(message.data)
        self.pacer.started(now, message.sequence, len(message.data))
        self._slid_at = now
        return message

    def shown(self, sequence: int, now: int) -> None:
        """It says that the frame is on its screen; a frame that is not in flight is nobody's."""
        if self.pacer.acknowledged(now, sequence):
            queueing = self.pacer.queueing
            self._calmest = queueing if self._calmest is None else min(self._calmest, queueing)
            if self._queue:
                self.wake()

    def lost(self, now: int) -> None:
        """It says that its decoder needs a key frame: whatever is queued or in flight is of no use to it."""
        if self.waits_for_key and not self._queue and not self.pacer.in_flight:
            return  # it said so before
        self.pacer.forget()
        self._clear("decoder")
        self._lose(now, LAST_PATIENCE)
        self.wake()

    def wished(self) -> None:
        """It would like a key frame soon, and has lost nothing."""
        self._wishes = True

    def reported(self, report: Report) -> None:
        """It says what it measured."""
        self.report = report
        self._unreported = 0
        self.decoder_drops += report.dropped

    def wants_key(self, now: int) -> bool:
        """Whether a key frame would start at once, or is wished for among the others, and it is time for one."""
        if self._wishes and not (self.waits_for_key or self.slide_show):
            return now >= self._wish_due
        if not (self.waits_for_key or self.slide_show) or not self._idle or self._queue:
            return False
        if not self.pacer.may_start(now, 1):
            return False
        if self.slide_show:
            return self._slid_at is None or now - self._slid_at >= SLIDE_INTERVAL
        return self.waits_for_key and (self._patient_until is None or now >= self._patient_until)

    def observe(self, microseconds: int) -> Observation:
        """What happened since the last call, so many microseconds ago."""
        self._unreported += 1
        if self._unreported > STALE:
            self.report, self.histogram = None, ()
        delivered, blocked = self.pacer.delivered, self.drops["late"] + self.drops["full"]
        active = delivered > self._observed_bytes
        self._bitrate = (delivered - self._observed_bytes) * 8 * 1_000_000 // max(1, microseconds)
        congested = blocked > self._observed_drops or (self._calmest or 0) > self.pacer.bound // 2
        if active:
            self._observed_bytes, self._observed_drops, self._calmest = delivered, blocked, None
        carries = None if self.pacer.rate is None else self.pacer.rate * 8
        offered, self._offered = self._offered * 8 * 1_000_000 // max(1, microseconds), 0
        return Observation(self.number, active, congested, self._bitrate, carries, offered)

    def status(self, now: int) -> Delivery:
        """The numbers for the device's status."""
        report = self.report or Report(None, None, None, 0.0, 0)
        overdue = self.pacer.overdue(now)
        return Delivery(
            number=self.number,
            format=_FORMATS[self.kind],
            slide_show=self.slide_show,
            stalled=overdue > STALLED,
            fps=report.fps,
            bitrate=self._bitrate,
            median_ms=_milliseconds(report.median_us),
            p95_ms=_milliseconds(report.p95_us),
            uncertainty_ms=_milliseconds(report.uncertainty_us),
            histogram=self.histogram,
            round_trip_ms=_milliseconds(self.pacer.round_trip),
            queueing_ms=_milliseconds(max(self.pacer.queueing, overdue) if self.pacer.round_trip else None),
            late=self.drops["late"],
            full=self.drops["full"],
            waiting=self.drops["waiting"],
            skipped=self.drops["slide_show"],
            decoder=self.drops["decoder"] + self.decoder_drops,
        )

    def _overtaken_by(self, message: Message) -> Cause | None:
        """Why nothing may stay queued before the message, if so."""
        if self.slide_show:
            return "slide_show"
        if len(self._queue) >= self._max_frames or self._bytes + len(message.data) > self._max_bytes:
            return "full"
        return "late" if self.kind == Kind.JPEG else None

    def _shed(self, now: int, *, newest: bool) -> None:
        """Drop what is too old to start, up to a key frame that is not. `newest`: the queue's last frame is the newest there is."""
        spared = self._queue[-1] if newest and self._queue else None
        late = False
        while self._queue and self._queue[0] is not spared and self.pacer.is_late(now, self._queue[0].captured_us):
            late = True
            self._drop_first("late")
        while late and self._queue and not self._queue[0].key:
            self._drop_first("late")
        if late and not self._queue:
            self._lose(now)

    def _drop_first(self, cause: Cause) -> None:
        self._bytes -= len(self._queue.popleft().data)
        self.drops[cause] += 1

    def _clear(self, cause: Cause) -> None:
        while self._queue:
            self._drop_first(cause)

    def _lose(self, now: int, last: int = SLIDE_INTERVAL) -> None:
        """Ask later each time; a slow link still gets as many pictures as a slide show has."""
        self.waits_for_key = True
        calm = self._patient_until is None or now - self._patient_until > _CALM
        self._patience = 0 if calm else min(last, max(FIRST_PATIENCE, 2 * self._patience))
        self._patient_until = now + self._patience


def _milliseconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else round(microseconds / 1000, 1)
