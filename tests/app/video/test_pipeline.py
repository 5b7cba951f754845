"""The video thread with the simulated board and the real encoder."""

from __future__ import annotations

import asyncio
import os
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import av
import pytest

from app.sim import strip
from app.sim.board import SimNode, plugged_in
from app.sim.bridge import mode
from app.sim.codec import Firmware, SimCodec
from app.sim.target import HEIGHT, WIDTH, Target
from app.status import Encoder as EncoderStatus
from app.status import Signal
from app.video.encoders import Encoders
from app.video.feeder import Feeder
from app.video.frame import AccessUnit
from app.video.pipeline import Pipeline
from app.video.presets import DEFAULT, preset
from app.video.receiver import BOARD
from app.video.recovery import Recovery
from app.video.snapshot import snapshot
from app.video.source import Source, SourceError
from app.video.v4l2 import V4L2Source

EDID = preset(DEFAULT, "0000").build()


def clock() -> int:
    return time.monotonic_ns() // 1000


class Slow(SimCodec):
    """An encoder whose driver returns when the bench lets it."""

    def __init__(self, firmware: Firmware, bench: Bench) -> None:
        super().__init__(firmware)
        self._bench = bench

    def put_raw(self, index: int, dmabuf: int, bytesused: int, captured_us: int) -> None:
        if not self._bench.returns.is_set():
            self._bench.inside.set()
            self._bench.returns.wait()
        super().put_raw(index, dmabuf, bytesused, captured_us)


class Bench:
    def __init__(self) -> None:
        self.bridge = plugged_in(clock, mode(WIDTH, HEIGHT, 30))
        self.missing = 0
        self.broken = 0
        self.reports: queue.Queue[Signal | EncoderStatus] = queue.Queue()
        self.units: queue.Queue[AccessUnit] = queue.Queue()
        self.firmware = Firmware()
        self.returns = threading.Event()
        """Unset while the encoder's driver does not return from being given a frame."""
        self.returns.set()
        self.inside = threading.Event()
        encoders = Encoders(lambda: Slow(self.firmware, self), clock, 4_000_000)
        self.feeder = Feeder(encoders, Recovery(clock, lambda _why: ""), clock, self.reports.put, self.units.put)
        self.skew = 0
        """Microseconds that the pipeline's clock is ahead."""
        self.pipeline = Pipeline(self._open, self.feeder, lambda: clock() + self.skew, self.reports.put, EDID)

    def _open(self) -> Source:
        if self.broken:
            self.broken -= 1
            raise ZeroDivisionError("a fraction of tomorrow")
        if self.missing:
            self.missing -= 1
            raise SourceError("no HDMI input found")
        return V4L2Source(SimNode(self.bridge, clock, Target(lambda _leds: None)), lambda _driver: BOARD)

    def report(self, wanted: Signal | EncoderStatus) -> None:
        """Wait until this is reported."""
        end = time.monotonic() + 20
        while self.reports.get(timeout=max(0.0, end - time.monotonic())) != wanted:
            pass


def video_descriptors() -> int:
    """How many of the kinds that this thread and its source open; other tests' threads have descriptors of their own."""
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            found += str(link.readlink()).startswith(("/memfd:frame", "anon_inode:[eventfd]"))
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


def test_what_nobody_expected_is_said_and_the_thread_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    bench.broken = 2
    bench.pipeline.start()
    try:
        bench.report(Signal("unknown", reason="a fault of this software, which starts again; its log says more"))
        bench.report(Signal("locked", 1280, 720, 30.0))
    finally:
        bench.pipeline.stop()
    words = [record.message for record in caplog.records if "video's thread failed" in record.message]
    assert ["Traceback" in each for each in words] == [True, False]
    assert "ZeroDivisionError: a fraction of tomorrow" in words[0]


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


async def test_a_snapshot_is_the_next_frame_and_needs_no_viewer(bench: Bench) -> None:
    taken = await asyncio.gather(snapshot(bench.pipeline), snapshot(bench.pipeline))
    bench.pipeline.watch(True)
    later = await snapshot(bench.pipeline)
    frames = []
    for picture in (*taken, later):
        grey = picture.grey()
        frames.append(strip.decode(lambda x, y: grey.getpixel((x, y)), HEIGHT - strip.HEIGHT).frame)  # noqa: B023
    assert frames[0] <= frames[1] < frames[2]


async def test_a_snapshot_without_a_signal_waits_and_can_be_withdrawn(bench: Bench) -> None:
    bench.report(Signal("locked", 1280, 720, 30.0))
    bench.bridge.plug(False)
    bench.report(Signal("no_power", reason="HDMI cable out, or the target is off"))
    waiting = asyncio.ensure_future(snapshot(bench.pipeline))
    await asyncio.sleep(0)
    assert bench.feeder.grabs
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not bench.feeder.grabs


def test_pulling_the_cable_stops_the_picture_and_plugging_starts_it(bench: Bench) -> None:
    bench.pipeline.watch(True)
    bench.units.get(timeout=20)
    bench.bridge.plug(False)
    bench.report(Signal("no_power", reason="HDMI cable out, or the target is off"))
    while not bench.units.empty():
        bench.units.get()
    bench.bridge.plug(True)
    bench.report(Signal("locked", 1280, 720, 30.0))
    assert bench.units.get(timeout=20).key


def test_a_driver_that_does_not_return_is_seen_from_outside(bench: Bench) -> None:
    bench.pipeline.watch(True)
    bench.units.get(timeout=20)
    bench.returns.clear()
    assert bench.inside.wait(20)
    bench.skew = 5_000_000
    assert bench.pipeline.busy() > 5_000_000
    bench.returns.set()
    bench.units.get(timeout=20)
    while bench.pipeline.busy() >= 5_000_000:
        bench.units.get(timeout=20)


def test_a_driver_that_does_not_return_holds_no_stop_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.video.pipeline.STOP", 0.01)
    before = video_descriptors()
    bench = Bench()
    bench.pipeline.start()
    bench.pipeline.watch(True)
    bench.units.get(timeout=20)
    bench.returns.clear()
    assert bench.inside.wait(20)
    bench.pipeline.stop()
    assert video_descriptors() > before, "what the thread still needs is not taken from it"
    bench.returns.set()
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "video"]
    thread.join()
    os.close(bench.pipeline.__dict__["_wake"])


def test_nothing_is_written_to_a_descriptor_that_was_given_back() -> None:
    bench = Bench()
    bench.pipeline.start()
    bench.pipeline.stop()
    heir = os.eventfd(0, os.EFD_NONBLOCK)
    assert heir == bench.pipeline.__dict__["_wake"], "the lowest free number is the next"
    bench.pipeline.watch(True)
    bench.pipeline.request_key()
    with pytest.raises(BlockingIOError):
        os.eventfd_read(heir)
    os.close(heir)


def test_an_input_that_appears_later_is_found() -> None:
    bench = Bench()
    bench.missing = 1
    bench.pipeline.start()
    bench.report(Signal("unknown", reason="no HDMI input found"))
    bench.report(Signal("locked", 1280, 720, 30.0))
    bench.pipeline.stop()


def test_frames_are_still_encoded_for_ten_seconds_after_the_last_viewer(bench: Bench) -> None:
    bench.pipeline.watch(True)
    bench.units.get(timeout=20)
    bench.pipeline.watch(False)
    for _count in range(5):
        bench.units.get(timeout=20)
    while not bench.reports.empty():
        bench.reports.get()
    bench.skew = 10_000_000
    locked = Signal("locked", 1280, 720, 30.0)
    for _asked in range(2):  # while nothing is fed; by the second time, what was inside the encoder has come out
        bench.report(locked)
    while not bench.units.empty():
        bench.units.get()
    for _asked in range(2):
        bench.report(locked)
    assert bench.units.empty()
    bench.pipeline.watch(True)
    assert bench.units.get(timeout=20).key
