"""What only vivid can show of the HDMI input: real pixels, and faults on demand. The rest is in tests/contract."""

from __future__ import annotations

import mmap
import select
import subprocess
import time
from pathlib import Path

import pytest

from app.status import Signal
from app.video.finder import find_capture, open_source
from app.video.frame import RawFrame
from app.video.presets import NAMES, preset
from app.video.source import SourceError
from app.video.v4l2 import V4L2Source
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
        open_source(tmp_path / "video7")


@pytest.mark.parametrize("name", NAMES)
def test_what_the_target_reads_passes_the_judge(source: V4L2Source, name: str, tmp_path: Path) -> None:
    source.offer(preset(name, "10000000c0ffee42").build())
    read = tmp_path / "edid.bin"
    subprocess.run(["v4l2-ctl", "-d", str(find_capture()), f"--get-edid=file={read},format=raw"], check=True)
    assert read.read_bytes() == preset(name, "10000000c0ffee42").build()
    judged = subprocess.run(["edid-decode", "--check", str(read)], stdout=subprocess.PIPE, text=True)
    assert judged.returncode == 0, judged.stdout


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
