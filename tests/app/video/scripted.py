"""An input and an encoder that do what the test tells them, and check what the kernel would."""

from __future__ import annotations

import select
from collections.abc import Mapping, Sequence

from app.status import Encoder as EncoderStatus
from app.status import Signal
from app.video.capture import Capture
from app.video.encoder import EncoderError
from app.video.feeder import Feeder
from app.video.frame import AccessUnit, RawFormat, RawFrame
from app.video.recovery import Recovery
from app.video.source import NoSignal, SourceError, SourceGone

EDID = b"a display"
LOCKED = Signal("locked", 1280, 720, 60.0)


class Source:
    """An input that checks what the kernel would: buffers are owned by one side, timings are never set with buffers around."""

    name = "scripted"

    def __init__(self) -> None:
        self.now_signal = LOCKED
        self.fault: SourceError | None = None
        self.news = False
        self.started = 0
        self.streaming = False
        self.closed = False
        self.owned: set[int] = set()
        self.filled: list[RawFrame] = []
        self.sequence = 0
        self.shown: list[bytes] = []
        self.edid_fault: SourceError | None = None

    def fileno(self) -> int:
        return 5

    def signal(self) -> Signal:
        if isinstance(self.fault, SourceGone):
            raise self.fault
        return self.now_signal

    def offer(self, edid: bytes) -> None:
        assert not self.streaming, "an EDID is loaded while buffers exist: EBUSY"
        if self.edid_fault is not None:
            raise self.edid_fault
        if self.shown[-1:] != [edid]:
            self.shown.append(edid)

    def withdraw(self) -> None:
        self.offer(b"")

    def start(self) -> tuple[RawFormat, tuple[int, ...]]:
        assert not self.streaming, "timings are set while buffers exist: EBUSY"
        if self.fault is not None:
            raise self.fault
        if self.now_signal.state != "locked":
            raise NoSignal(self.now_signal.reason)
        self.streaming, self.started = True, self.started + 1
        self.owned, self.filled, self.sequence = {0, 1, 2, 3}, [], 0
        now = self.now_signal
        stride = 2 * now.width
        return RawFormat(now.width, now.height, "UYVY", stride, stride * now.height, now.fps), (10, 11, 12, 13)

    def frame(self, count: int = 1) -> None:
        """The hardware fills buffers; one without a free buffer is lost."""
        for _ in range(count):
            if self.owned:
                self.filled.append(RawFrame(self.owned.pop(), 1, self.sequence, self.sequence))
            self.sequence += 1

    def take(self) -> RawFrame | None:
        if self.fault is not None:
            raise self.fault
        return self.filled.pop(0) if self.filled else None

    def give(self, index: int) -> None:
        assert self.streaming
        assert index not in self.owned, "a buffer is given back twice"
        self.owned.add(index)

    def changed(self) -> bool:
        news, self.news = self.news, False
        return news

    def stop(self) -> None:
        self.streaming = False

    def close(self) -> None:
        assert not self.streaming
        self.closed = True


class Encoder:
    """Holds one frame until the test lets it finish, as hardware does."""

    name = "scripted"
    reason = ""

    def __init__(self, raw: RawFormat, buffers: Sequence[int]) -> None:
        assert buffers == (10, 11, 12, 13)
        self.inside: RawFrame | None = None
        self.finished: list[RawFrame] = []
        self.keys = 0
        self._key = True
        self.flags = True
        """Whether it says which access units are key frames."""
        self.bitrates: list[int] = []
        self.frame_rates: list[float] = []
        self.slow = False
        self.barren = False
        """Frames go in, and nothing comes of them."""
        self.keeps = False
        """Buffers are kept when their access units have come."""
        self.kept: list[int] = []
        self.fault: EncoderError | None = None
        self.closed = False

    def descriptors(self) -> Mapping[int, int]:
        return {6: select.POLLIN} if self.slow and (self.inside is not None or self.finished) else {}

    def submit(self, frame: RawFrame) -> None:
        if self.fault is not None:
            raise self.fault
        assert self.inside is None, "two frames in the encoder"
        self.inside = frame
        if not self.slow:
            self.finish()

    def finish(self) -> None:
        assert self.inside is not None
        self.finished.append(self.inside)
        self.inside = None

    def collect(self) -> tuple[Sequence[int], Sequence[AccessUnit]]:
        done, self.finished = self.finished, []
        units = [
            AccessUnit(b"x", self._key and self.flags, frame.sequence, frame.captured_us, 1, 1280, 720)
            for frame in done
            if not self.barren
        ]
        self._key = self._key and not done
        self.kept += [frame.index for frame in done]
        if self.keeps:
            return [], units
        released, self.kept = self.kept, []
        return released, units

    def request_key(self) -> None:
        self.keys += 1
        self._key = True

    def set_bitrate(self, bits_per_second: int) -> None:
        self.bitrates.append(bits_per_second)

    def set_frame_rate(self, fps: float) -> None:
        self.frame_rates.append(fps)

    def close(self) -> None:
        self.closed = True


class Bench:
    """Capture and feeder between the two, on a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000_000
        self.source = Source()
        self.encoders: list[Encoder] = []
        self.reports: list[Signal | EncoderStatus] = []
        self.units: list[int] = []
        self.reboots: list[str] = []
        self.broken: EncoderError | None = None
        """Of the encoder, when it is made; so are the next two."""
        self.slow = self.barren = False
        self.feeder = Feeder(
            self._encoder,
            Recovery(lambda: self.now, self._reboot),
            lambda: self.now,
            self._report,
            lambda unit: self.units.append(unit.sequence),
        )
        self.capture = Capture(self.source, self.feeder, lambda: self.now, self._report, EDID)

    def _encoder(self, raw: RawFormat, buffers: Sequence[int]) -> Encoder:
        if self.broken is not None:
            raise self.broken
        made = Encoder(raw, buffers)
        made.slow, made.barren = self.slow, self.barren
        self.encoders.append(made)
        return made

    def _report(self, part: Signal | EncoderStatus) -> None:
        if not self.reports or self.reports[-1] != part:
            self.reports.append(part)

    def _reboot(self, why: str) -> str:
        self.reboots.append(why)
        return "the device reboots"

    @property
    def encoder(self) -> Encoder:
        return self.encoders[-1]

    def step(self, after: int = 16_667) -> None:
        """Let so many microseconds pass."""
        self.now += after
        self.capture.step()

    def frame(self, after: int = 16_667) -> None:
        """Let the source fill a buffer, and so many microseconds pass."""
        self.source.frame()
        self.step(after)
