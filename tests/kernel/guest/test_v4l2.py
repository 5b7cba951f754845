"""The HDMI input against vivid: its frames, every state of the signal, and what goes wrong while streaming."""

from __future__ import annotations

import mmap
import os
import select
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.status import Signal
from app.video.frame import RawFrame
from app.video.source import NoSignal, SourceError, SourceGone
from app.video.v4l2 import V4L2Source, find_capture
from tests.kernel.guest.bridge import Bridge
from tests.kernel.guest.target import PATIENCE


def _frame(source: V4L2Source) -> RawFrame:
    """The next frame."""
    poller = select.poll()
    poller.register(source.fileno(), select.POLLIN)
    while (frame := source.take()) is None:
        assert poller.poll(PATIENCE * 1000), "no frame"
    return frame


def _drain(source: V4L2Source) -> None:
    """Take and give frames for as long as it goes."""
    while True:
        source.give(_frame(source).index)


def _change(source: V4L2Source) -> None:
    """Return when a change of the source is announced."""
    poller = select.poll()
    poller.register(source.fileno(), select.POLLPRI)
    assert poller.poll(PATIENCE * 1000), "no event"
    assert source.changed()
    assert not source.changed()


def _pixels(descriptor: int, size: int) -> bytes:
    with mmap.mmap(descriptor, size, prot=mmap.PROT_READ) as mapping:
        return mapping[:]


def _open_descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def test_input_is_found_by_what_it_can_do(bridge: Bridge) -> None:
    assert find_capture() == Path("/dev/video0")


def test_missing_input_is_reported_in_words(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no HDMI input among 0 video devices"):
        find_capture(sysfs=tmp_path)
    with pytest.raises(SourceError, match=r"cannot open .*video7: No such file"):
        V4L2Source(tmp_path / "video7")


def test_signal_is_the_mode_with_its_rate(source: V4L2Source, bridge: Bridge) -> None:
    assert source.name == "vivid"
    assert source.signal() == Signal("locked", 1280, 720, 60.0)
    bridge.mode("640x480p59")
    assert source.signal() == Signal("locked", 640, 480, 59.94)


def test_frames_come_in_order_and_move(source: V4L2Source) -> None:
    raw, buffers = source.start()
    assert (raw.width, raw.height, raw.fourcc, raw.bytesperline, raw.sizeimage) == (1280, 720, "UYVY", 2560, 1843200)
    assert len(set(buffers)) == len(buffers) >= 4
    began = time.monotonic_ns() // 1000
    last: RawFrame | None = None
    picture = b""
    for _count in range(20):
        frame = _frame(source)
        assert frame.bytesused == raw.sizeimage
        assert abs(frame.captured_us - began) < PATIENCE * 1_000_000, "not CLOCK_MONOTONIC in microseconds"
        if last is not None:
            # vivid counts by the clock: after a late tick two frames may bear one number.
            assert frame.sequence >= last.sequence
            assert frame.captured_us > last.captured_us
        now = _pixels(buffers[frame.index], raw.sizeimage)
        assert now != picture
        source.give(frame.index)
        last, picture = frame, now
    assert last is not None
    assert last.sequence >= 15


def test_buffer_is_the_callers_until_it_is_given_back(source: V4L2Source) -> None:
    raw, buffers = source.start()
    kept = _frame(source)
    before = _pixels(buffers[kept.index], raw.sizeimage)
    for _count in range(2 * len(buffers)):
        frame = _frame(source)
        assert frame.index != kept.index
        source.give(frame.index)
    assert _pixels(buffers[kept.index], raw.sizeimage) == before
    source.give(kept.index)
    while (frame := _frame(source)).index != kept.index:
        source.give(frame.index)


def test_damaged_frame_goes_back_to_the_driver(source: V4L2Source, bridge: Bridge) -> None:
    _raw, buffers = source.start()
    for _round in range(len(buffers)):
        bridge.inject("inject_v4l2_buf_flag_error")
        source.give(_frame(source).index)
    seen: set[int] = set()
    while len(seen) < len(buffers):
        frame = _frame(source)
        seen.add(frame.index)
        source.give(frame.index)


@pytest.mark.parametrize(
    ("pull", "state", "words"),
    [
        (Bridge.no_signal, "no_power", "cable out"),
        (Bridge.no_edid, "no_signal", "no picture"),
        (Bridge.no_lock, "no_lock", "unstable"),
        (Bridge.out_of_range, "unsupported", "outside"),
    ],
)
def test_missing_signal_says_what_is_missing(
    source: V4L2Source, bridge: Bridge, pull: Callable[[Bridge], None], state: str, words: str
) -> None:
    pull(bridge)
    signal = source.signal()
    assert (signal.state, signal.width, signal.height, signal.fps) == (state, 0, 0, 0.0)
    assert words in signal.reason
    with pytest.raises(NoSignal, match=words):
        source.start()
    assert not source.changed() or state != "no_signal"
    bridge.edid()
    bridge.mode("1280x720p60")
    assert source.signal().state == "locked"
    source.start()


def test_change_of_mode_is_announced_and_streams_after_a_restart(source: V4L2Source, bridge: Bridge) -> None:
    source.start()
    _frame(source)
    bridge.mode("1920x1080p60")
    _change(source)
    assert source.signal() == Signal("locked", 1920, 1080, 60.0)
    source.stop()
    raw, buffers = source.start()
    assert (raw.width, raw.height, raw.bytesperline, raw.fps) == (1920, 1080, 3840, 60.0)
    assert os.fstat(buffers[0]).st_size >= raw.sizeimage == 1920 * 1080 * 2
    assert _frame(source).bytesused == raw.sizeimage


def test_loss_of_signal_is_announced(source: V4L2Source, bridge: Bridge) -> None:
    source.start()
    bridge.no_signal()
    _change(source)
    assert source.signal().state == "no_power"


@pytest.mark.parametrize(
    ("mode", "size", "stride"),
    [("720x480p59", (720, 480), 1472), ("1366x768p60", (1366, 768), 2752), ("1680x1050p59", (1680, 1050), 3392)],
)
def test_rows_are_padded_to_what_the_encoder_takes(
    source: V4L2Source, bridge: Bridge, mode: str, size: tuple[int, int], stride: int
) -> None:
    width, height = size
    bridge.mode(mode)
    bridge.still()
    raw, buffers = source.start()
    assert (raw.width, raw.height, raw.bytesperline, raw.sizeimage) == (width, height, stride, stride * height)
    pixels = _pixels(buffers[_frame(source).index], raw.sizeimage)
    rows = {pixels[row * stride : row * stride + 2 * width] for row in range(height)}
    assert len(rows) == 1, "colour bars: every row is the same, unless the padding is somewhere else"
    assert len(set(rows.pop())) > 4


def test_interlaced_mode_is_unsupported(source: V4L2Source, bridge: Bridge) -> None:
    bridge.mode("1920x1080i30")
    assert source.signal() == Signal("unsupported", 1920, 1080, 30.0, "interlaced")
    with pytest.raises(NoSignal, match="interlaced"):
        source.start()


def test_no_descriptor_leaks_over_twenty_starts(source: V4L2Source) -> None:
    before = _open_descriptors()
    for _round in range(20):
        _raw, buffers = source.start()
        assert len(_open_descriptors()) == len(before) + len(buffers)
        source.give(_frame(source).index)
        source.stop()
        source.stop()
        assert _open_descriptors() == before


def test_broken_stream_is_an_error_and_a_restart_mends_it(source: V4L2Source, bridge: Bridge) -> None:
    source.start()
    bridge.inject("inject_fatal_streaming_error")
    with pytest.raises(SourceError, match="cannot take a frame: Input/output error"):
        _drain(source)
    source.stop()
    source.start()
    _frame(source)


@pytest.mark.parametrize(
    ("fault", "words"),
    [("inject_vidioc_reqbufs_error", "get buffers"), ("inject_vidioc_streamon_error", "stream 1280x720 at 60 Hz")],
)
def test_failing_start_leaves_nothing_behind(source: V4L2Source, bridge: Bridge, fault: str, words: str) -> None:
    before = _open_descriptors()
    bridge.inject(fault)
    with pytest.raises(SourceError, match=f"cannot {words}"):
        source.start()
    assert _open_descriptors() == before
    source.start()
    _frame(source)


def test_unplugged_receiver_is_gone_until_it_is_opened_again(bridge: Bridge) -> None:
    before = _open_descriptors()
    source = V4L2Source(find_capture())
    source.start()
    bridge.inject("disconnect")
    for call in (source.signal, source.take, source.changed, source.start, lambda: source.give(0)):
        with pytest.raises(SourceGone):
            call()
    source.close()
    assert _open_descriptors() == before
    source = V4L2Source(find_capture())
    source.start()
    _frame(source)
    source.close()
