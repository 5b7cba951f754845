"""The capture state machine against a scripted input and encoder, on a clock that the test moves."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator, Sequence

import pytest

from app.status import Encoder as EncoderStatus
from app.status import Signal
from app.video.capture import IDLE, PROBE, SILENCE, Capture
from app.video.encoder import EncoderError
from app.video.frame import AccessUnit, RawFormat, RawFrame
from app.video.source import NoSignal, SourceError, SourceGone

LOCKED = Signal("locked", 1280, 720, 60.0)
DARK = Signal("no_signal", reason="no TMDS clock")


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

    def fileno(self) -> int:
        return 5

    def signal(self) -> Signal:
        if isinstance(self.fault, SourceGone):
            raise self.fault
        return self.now_signal

    def start(self) -> tuple[RawFormat, tuple[int, ...]]:
        assert not self.streaming, "timings are set while buffers exist: EBUSY"
        if self.fault is not None:
            raise self.fault
        if self.now_signal.state != "locked":
            raise NoSignal(self.now_signal.reason)
        self.streaming, self.started = True, self.started + 1
        self.owned, self.filled, self.sequence = {0, 1, 2, 3}, [], 0
        return RawFormat(1280, 720, "UYVY", 2560, 2560 * 720, 60.0), (10, 11, 12, 13)

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

    def __init__(self, raw: RawFormat, buffers: Sequence[int]) -> None:
        assert buffers == (10, 11, 12, 13)
        self.inside: RawFrame | None = None
        self.finished: list[RawFrame] = []
        self.keys = 0
        self.bitrates: list[int] = []
        self.slow = False
        self.fault: EncoderError | None = None
        self.closed = False

    def fileno(self) -> int | None:
        return 6 if self.slow else None

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
        units = [AccessUnit(b"x", False, frame.sequence, frame.captured_us, 1, 1280, 720) for frame in done]
        return [frame.index for frame in done], units

    def request_key(self) -> None:
        self.keys += 1

    def set_bitrate(self, bits_per_second: int) -> None:
        self.bitrates.append(bits_per_second)

    def close(self) -> None:
        self.closed = True


class Bench:
    def __init__(self) -> None:
        self.now = 1_000_000_000
        self.source = Source()
        self.encoders: list[Encoder] = []
        self.reports: list[Signal | EncoderStatus] = []
        self.units: list[int] = []
        self.capture = Capture(
            self.source, self._encoder, lambda: self.now, self._report, lambda unit: self.units.append(unit.sequence)
        )

    def _encoder(self, raw: RawFormat, buffers: Sequence[int]) -> Encoder:
        self.encoders.append(Encoder(raw, buffers))
        return self.encoders[-1]

    def _report(self, part: Signal | EncoderStatus) -> None:
        if not self.reports or self.reports[-1] != part:
            self.reports.append(part)

    @property
    def encoder(self) -> Encoder:
        return self.encoders[-1]

    def step(self, after: int = 16_667) -> None:
        self.now += after
        self.capture.step()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.capture.close()
    assert bench.source.closed
    assert all(encoder.closed for encoder in bench.encoders)


def test_the_signal_is_watched_without_anybody_watching(bench: Bench) -> None:
    bench.source.now_signal = DARK
    bench.step()
    bench.source.now_signal = LOCKED
    bench.step(PROBE)
    assert bench.reports == [DARK, LOCKED]
    assert bench.source.started == 0
    assert bench.capture.descriptors() == {5: select.POLLPRI}


def test_a_viewer_starts_it_at_once(bench: Bench) -> None:
    bench.step()
    bench.capture.watch(True)
    bench.step(1)
    assert bench.source.streaming
    assert bench.reports[-1] == EncoderStatus("running", "scripted")
    assert bench.capture.descriptors() == {5: select.POLLPRI | select.POLLIN}
    bench.encoder.slow = True
    assert bench.capture.descriptors() == {5: select.POLLPRI | select.POLLIN, 6: select.POLLIN}
    bench.encoder.slow = False
    bench.source.frame()
    bench.step()
    bench.source.frame()
    bench.step()
    assert bench.units == [0, 1]
    assert bench.source.owned == {0, 1, 2, 3}


def test_of_waiting_frames_only_the_newest_is_encoded(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.encoder.slow = True
    bench.source.frame()
    bench.step()
    bench.source.frame(2)
    bench.step()
    bench.source.frame()
    bench.step()
    bench.encoder.finish()
    bench.step()
    assert bench.units == [0]
    bench.encoder.finish()
    bench.step()
    assert bench.units == [0, 3]
    assert bench.capture.replaced == 2
    assert bench.source.owned == {0, 1, 2, 3}


def test_a_buffer_in_the_encoder_stays_there(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.encoder.slow = True
    bench.source.frame()
    bench.step()
    assert bench.encoder.inside is not None
    bench.source.frame(10)
    for _ in range(5):
        bench.step()
        assert bench.encoder.inside.index not in bench.source.owned


def test_a_change_frees_the_buffers_before_anything_else(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.source.frame()
    bench.source.news, bench.source.now_signal = True, DARK
    bench.step()
    assert not bench.source.streaming
    assert bench.encoder.closed
    assert bench.units == []
    assert bench.reports[-2:] == [EncoderStatus(), DARK]
    bench.source.news, bench.source.now_signal = True, LOCKED
    bench.step()
    assert bench.source.streaming
    assert len(bench.encoders) == 2


def test_silence_is_asked_about_and_then_restarted(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.step(SILENCE + 1)
    assert bench.source.started == 1
    bench.step(SILENCE + 1)
    bench.step(PROBE)
    assert bench.source.started == 2


def test_a_silent_loss_of_signal_is_noticed(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.source.now_signal = Signal("no_power", reason="cable out")
    bench.step(SILENCE + 1)
    assert bench.reports[-1] == EncoderStatus()
    assert Signal("no_power", reason="cable out") in bench.reports
    assert not bench.source.streaming


def test_a_short_absence_keeps_the_session_and_shows_nothing_stale(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.capture.watch(False)
    bench.source.frame(4)
    bench.step(IDLE // 2)
    assert bench.source.streaming
    assert bench.capture.descriptors() == {5: select.POLLPRI}
    bench.capture.watch(True)
    bench.step()
    assert bench.units == []
    assert bench.encoder.keys == 1
    bench.source.frame()
    bench.step()
    assert bench.units == [4]
    assert bench.source.started == 1


def test_a_divisor_takes_every_so_manieth_frame_and_gives_the_others_back(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.capture.set_frame_divisor(3)
    bench.step()
    for _ in range(9):
        bench.source.frame()
        bench.step()
    assert bench.units == [0, 3, 6]
    assert bench.source.owned == {0, 1, 2, 3}
    assert bench.capture.replaced == 0
    bench.capture.set_frame_divisor(1)
    for _ in range(2):
        bench.source.frame()
        bench.step()
    assert bench.units == [0, 3, 6, 9, 10]


def test_a_lost_frame_does_not_lower_the_rate_further(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.capture.set_frame_divisor(2)
    bench.step()
    bench.source.frame()
    bench.step()
    bench.source.sequence += 2
    bench.source.frame()
    bench.step()
    assert bench.units == [0, 3]


def test_frames_left_out_are_no_silence(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.capture.set_frame_divisor(1000)
    bench.step()
    for _ in range(4):
        bench.source.frame()
        bench.step(SILENCE - 1)
    assert bench.source.started == 1


def test_a_bitrate_holds_for_this_session_and_the_next(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    assert bench.encoder.bitrates == []
    bench.capture.set_bitrate(500_000)
    bench.capture.set_bitrate(500_000)
    assert bench.encoder.bitrates == [500_000]
    bench.source.news = True
    bench.step()
    assert len(bench.encoders) == 2
    assert bench.encoder.bitrates == [500_000]


def test_a_long_absence_ends_the_session(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.capture.watch(False)
    bench.step(IDLE + 1)
    assert not bench.source.streaming


def test_a_broken_stream_is_said_and_tried_again(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.source.fault = SourceError("1920x1080 at 60 Hz needs 3 CSI lanes, this board has 2")
    bench.step()
    assert bench.reports[-1] == Signal("unsupported", 1280, 720, 60.0, str(bench.source.fault))
    bench.source.fault = None
    bench.step(PROBE)
    assert bench.source.started == 2


def test_an_encoder_that_fails_is_said_and_made_again(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.encoder.fault = EncoderError("no")
    bench.source.frame()
    bench.step()
    assert bench.reports[-1] == EncoderStatus("failed", "", "no")
    assert not bench.source.streaming
    bench.step(PROBE)
    assert bench.source.streaming


def test_a_device_that_went_away_ends_it(bench: Bench) -> None:
    bench.source.fault = SourceGone("gone")
    with pytest.raises(SourceGone):
        bench.step()


def test_no_descriptor_is_kept_by_the_capture() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        bench = Bench()
        bench.capture.watch(True)
        bench.step()
        bench.capture.close()
    assert len(os.listdir("/proc/self/fd")) == before
