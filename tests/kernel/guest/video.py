"""The app's own way from the input to access units, on the machine's drivers: vivid and vicodec."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable

from app.status import Encoder as EncoderStatus
from app.status import Signal
from app.video.encoders import Encoders
from app.video.feeder import Feeder
from app.video.finder import find_capture, find_codec
from app.video.frame import AccessUnit, RawFormat, RawFrame
from app.video.lanes import lanes
from app.video.node import Node
from app.video.pipeline import Pipeline
from app.video.presets import DEFAULT, preset
from app.video.recovery import Recovery
from app.video.v4l2 import V4L2Source
from tests.kernel.guest.target import PATIENCE

EDID = preset(DEFAULT, "guest").build()
_I_FRAME = 1 << 10
CODING = "FWHT"
"""What vicodec makes."""


def clock() -> int:
    return time.monotonic_ns() // 1000


class Witness(V4L2Source):
    """The input, and what was taken from it, from each start to its stop."""

    def __init__(self) -> None:
        super().__init__(Node(find_capture()), lanes)
        self.streams: list[list[RawFrame]] = []

    def start(self) -> tuple[RawFormat, tuple[int, ...]]:
        self.streams.append([])
        return super().start()

    def take(self) -> RawFrame | None:
        frame = super().take()
        if frame is not None:
            self.streams[-1].append(frame)
        return frame


class Video:
    """The pipeline, with everything that it says. Access units go to `publish`, or into a queue."""

    def __init__(self, publish: Callable[[AccessUnit], object] | None = None) -> None:
        self.units: queue.Queue[AccessUnit] = queue.Queue()
        self.encoder: list[EncoderStatus] = []
        self.signal: list[Signal] = []
        self.source: Witness
        encoders = Encoders(lambda: find_codec(CODING), clock, 4_000_000, CODING)
        recovery = Recovery(clock, lambda _why: "no reboot here")
        self.feeder = Feeder(encoders, recovery, clock, self.encoder.append, publish or self.units.put)
        self.pipeline = Pipeline(self._open, self.feeder, clock, self.signal.append, EDID)

    def _open(self) -> Witness:
        self.source = Witness()
        return self.source

    def unit(self) -> AccessUnit:
        """The next one."""
        try:
            return self.units.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"no access unit; {self.signal[-1:]}, {self.encoder[-3:]}") from None

    def stop(self) -> list[AccessUnit]:
        """End it; what is left of the access units."""
        self.pipeline.stop()
        return [self.units.get() for _left in range(self.units.qsize())]


def is_key(unit: AccessUnit) -> bool:
    """By the frame's own header (struct fwht_cframe_hdr): vicodec's encoder does not flag the buffer."""
    return bool(int.from_bytes(unit.data[20:24], "big") & _I_FRAME)
