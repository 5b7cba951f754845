"""The video thread with the simulated board and the real encoder."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import av
import pytest

from app.sim import strip
from app.sim.board import SimSource
from app.sim.target import HEIGHT, WIDTH, Target
from app.status import Encoder as EncoderStatus
from app.status import Signal
from app.video.frame import AccessUnit, RawFormat
from app.video.pipeline import Pipeline
from app.video.software import SoftwareEncoder
from app.video.source import Source, SourceError


def clock() -> int:
    return time.monotonic_ns() // 1000


def encoder(raw: RawFormat, buffers: Sequence[int]) -> SoftwareEncoder:
    return SoftwareEncoder(raw, buffers, clock)


class Bench:
    def __init__(self) -> None:
        self.source: SimSource | None = None
        self.missing = 0
        self.reports: queue.Queue[Signal | EncoderStatus] = queue.Queue()
        self.units: queue.Queue[AccessUnit] = queue.Queue()
        self.pipeline = Pipeline(self._open, encoder, clock, self.reports.put, self.units.put)

    def _open(self) -> Source:
        if self.missing:
            self.missing -= 1
            raise SourceError("no HDMI input found")
        self.source = SimSource(Target(lambda _leds: None), WIDTH, HEIGHT, 30)
        return self.source

    def report(self, wanted: Signal | EncoderStatus) -> None:
        """Wait until this is reported."""
        while self.reports.get(timeout=20) != wanted:
            pass


def video_descriptors() -> int:
    """How many of the kinds that this thread and its source open; other tests' threads have descriptors of their own."""
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            found += str(link.readlink()).startswith(("/memfd:frame-", "anon_inode:[eventfd]"))
    return found


@pytest.fixture
def bench() -> Iterator[Bench]:
    before = video_descriptors()
    bench = Bench()
    bench.pipeline.start()
    yield bench
    bench.pipeline.stop()
    assert not [thread for thread in threading.enumerate() if thread.name in {"video", "hdmi"}]
    assert video_descriptors() == before


def test_the_targets_frames_come_out_in_order(bench: Bench) -> None:
    bench.report(Signal("locked", 1280, 720, 30.0))
    bench.pipeline.watch(True)
    decoder = av.CodecContext.create("h264", "r")
    numbers = []
    for _ in range(10):
        unit = bench.units.get(timeout=20)
        (picture,) = decoder.decode(av.Packet(unit.data))
        pixels = picture.to_image().convert("L")
        shown = strip.decode(lambda x, y: pixels.getpixel((x, y)), HEIGHT - strip.HEIGHT)  # noqa: B023
        assert shown.frame == unit.sequence
        numbers.append(shown.frame)
    assert numbers == sorted(set(numbers))


def test_the_frame_rate_can_be_lowered_from_another_thread(bench: Bench) -> None:
    bench.pipeline.set_frame_divisor(4)
    bench.pipeline.set_bitrate(1_000_000)
    bench.pipeline.watch(True)
    numbers = [bench.units.get(timeout=20).sequence for _ in range(5)]
    assert all(later - earlier >= 4 for earlier, later in pairwise(numbers)), numbers


def test_a_key_frame_can_be_asked_for(bench: Bench) -> None:
    bench.pipeline.watch(True)
    assert bench.units.get(timeout=20).key
    assert not bench.units.get(timeout=20).key
    bench.pipeline.request_key()
    while not bench.units.get(timeout=20).key:
        pass


def test_pulling_the_cable_stops_the_picture_and_plugging_starts_it(bench: Bench) -> None:
    bench.pipeline.watch(True)
    bench.units.get(timeout=20)
    assert bench.source is not None
    bench.source.cable(present=False)
    bench.report(Signal("no_power", reason="HDMI cable out, or the target is off"))
    while not bench.units.empty():
        bench.units.get()
    bench.source.cable(present=True)
    bench.report(Signal("locked", 1280, 720, 30.0))
    assert bench.units.get(timeout=20).key


def test_an_input_that_appears_later_is_found() -> None:
    bench = Bench()
    bench.missing = 1
    bench.pipeline.start()
    bench.report(Signal("unknown", reason="no HDMI input found"))
    bench.report(Signal("locked", 1280, 720, 30.0))
    bench.pipeline.stop()
