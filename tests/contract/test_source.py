"""The HDMI input as the capture sees it, above the simulated board and above the kernel."""

from __future__ import annotations

import os
import re
import select
from pathlib import Path

import pytest

from app.status import Signal
from app.video.frame import RawFrame
from app.video.source import NoSignal, SourceError, SourceGone
from app.video.v4l2 import V4L2Source
from tests.contract.conftest import EDID
from tests.contract.rig import Rig
from tests.contract.test_capture_node import Manner


def frame(rig: Rig, source: V4L2Source) -> RawFrame:
    """The next one."""
    assert rig.wait(source.fileno(), select.POLLIN), "no frame"
    taken = source.take()
    assert taken is not None
    return taken


def descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def test_a_mode_is_locked_and_streams(rig: Rig, source: V4L2Source) -> None:
    assert source.signal() == Signal("locked", 1280, 720, 60.0)
    raw, buffers = source.start()
    assert (raw.width, raw.height, raw.fourcc, raw.bytesperline, raw.sizeimage, raw.fps) == (
        1280,
        720,
        "UYVY",
        2560,
        2560 * 720,
        60.0,
    )
    assert len(set(buffers)) == len(buffers) == 5
    assert all(os.fstat(descriptor).st_size >= raw.sizeimage for descriptor in buffers)
    assert frame(rig, source).bytesused == raw.sizeimage


@pytest.mark.parametrize(
    ("happens", "state", "words"),
    [
        ("no_signal", "no_power", "cable out"),
        ("no_lock", "no_lock", "unstable"),
        ("out_of_range", "unsupported", "outside"),
        ("interlaced", "unsupported", "the input"),
    ],
)
def test_a_missing_mode_says_what_is_missing(
    rig: Rig, source: V4L2Source, happens: str, state: str, words: str
) -> None:
    getattr(rig, happens)()
    rig.settle()
    signal = source.signal()
    assert signal.state == state
    assert words in signal.reason
    with pytest.raises(NoSignal, match=re.escape(signal.reason)):
        source.start()
    rig.mode(1280, 720, 60)
    assert source.signal().state == "locked"
    source.start()
    frame(rig, source)


def test_a_mode_beyond_the_lanes_is_refused_before_anything_is_set(rig: Rig, source: V4L2Source) -> None:
    rig.mode(1920, 1080, 60)
    words = "1920x1080 at 60 Hz needs 3 CSI lanes, this board has 2"
    assert source.signal() == Signal("unsupported", 1920, 1080, 60.0, words)
    with pytest.raises(NoSignal, match=words):
        source.start()


def test_lanes_that_nobody_counted_are_found_out_by_starting(rig: Rig, manner: Manner) -> None:
    source = V4L2Source(rig.open(), lambda _driver: None)
    rig.mode(1920, 1080, 60)
    assert source.signal().state == "locked"
    if manner("three-lanes"):
        before = descriptors()
        with pytest.raises(
            SourceError, match="cannot stream 1920x1080 at 60 Hz: Invalid argument; the mode may be too fast"
        ):
            source.start()
        assert descriptors() == before
    else:
        source.start()
    source.close()


@pytest.mark.parametrize(
    ("size", "row"), [((720, 480), 1472), ((1366, 768), 2752), ((1680, 1050), 3392), ((640, 480), 1280)]
)
def test_rows_are_what_the_encoder_takes(rig: Rig, source: V4L2Source, size: tuple[int, int], row: int) -> None:
    rig.mode(*size, 60)
    raw, _buffers = source.start()
    assert (raw.width, raw.height, raw.bytesperline, raw.sizeimage) == (*size, row, row * size[1])
    assert frame(rig, source).bytesused == raw.sizeimage


def test_a_change_streams_after_a_restart(rig: Rig, source: V4L2Source) -> None:
    source.start()
    frame(rig, source)
    rig.mode(640, 480, 60)
    assert rig.wait(source.fileno(), select.POLLPRI)
    assert source.changed()
    assert not source.changed()
    source.stop()
    raw, _buffers = source.start()
    assert (raw.width, raw.height) == (640, 480)
    assert frame(rig, source).sequence <= 2


def test_a_buffer_is_the_callers_until_it_is_given_back(rig: Rig, source: V4L2Source) -> None:
    _raw, buffers = source.start()
    kept = frame(rig, source)
    for _ in range(2 * len(buffers)):
        other = frame(rig, source)
        assert other.index != kept.index
        source.give(other.index)
    source.give(kept.index)
    seen = {frame(rig, source).index for _ in buffers}
    assert kept.index in seen
    with pytest.raises(SourceError, match="cannot give a buffer back: Invalid argument"):
        source.give(99)


def test_the_display_is_loaded_once_and_taken_away(rig: Rig, source: V4L2Source, manner: Manner) -> None:
    source.offer(EDID)
    rig.settle()
    assert not source.changed(), "what is there is not loaded again: the target would see it replugged"
    source.withdraw()
    assert source.signal().reason == "the target sends no picture"
    source.offer(EDID)
    rig.settle()
    assert source.signal().state == "locked"
    with pytest.raises(SourceError, match="cannot load the EDID: it has more blocks than the bridge holds"):
        source.offer(EDID + bytes(128 * (manner("edid-blocks") - 1)))


def test_nothing_is_left_open_over_twenty_starts(rig: Rig, source: V4L2Source) -> None:
    before = descriptors()
    for _ in range(20):
        _raw, buffers = source.start()
        assert len(descriptors() - before) >= len(buffers)
        source.give(frame(rig, source).index)
        source.stop()
        source.stop()
        assert descriptors() == before


def test_a_receiver_that_is_gone_is_gone(rig: Rig) -> None:
    before = descriptors()
    source = V4L2Source(rig.open(), lambda _driver: None)
    source.start()
    rig.disconnect()
    for call in (source.signal, source.take, source.changed, source.start, lambda: source.give(0), source.withdraw):
        with pytest.raises(SourceGone):
            call()
    source.close()
    assert descriptors() == before
    source = V4L2Source(rig.open(), lambda _driver: None)
    source.start()
    frame(rig, source)
    source.close()
