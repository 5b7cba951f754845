"""Frames from vivid's HDMI input to vicodec's encoder, through the app's pipeline and without a copy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.video.codec_node import CodecNode
from app.video.encoder import NoEncoder
from app.video.finder import find_codec
from tests.kernel.guest.bridge import Bridge
from tests.kernel.guest.target import PATIENCE
from tests.kernel.guest.video import CODING, Video, is_key

GOP_MAX = 16
"""Of vicodec, which cannot be asked for a key frame."""


@pytest.fixture
def video(bridge: Bridge) -> Iterator[Video]:
    result = Video()
    result.pipeline.start()
    result.pipeline.watch(True)
    yield result
    result.stop()


def _open_descriptors() -> list[str]:
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize(
    ("mode", "size", "count"), [("1280x720p60", (1280, 720), 40), ("1920x1080p24", (1920, 1080), 20)]
)
def test_every_frame_is_encoded_or_accounted_for(bridge: Bridge, mode: str, size: tuple[int, int], count: int) -> None:
    bridge.mode(mode)
    bridge.set("percentage_of_dropped_buffers", 50)
    video = Video()
    video.pipeline.watch(True)
    video.pipeline.start()
    units = [video.unit() for _count in range(count)]
    maps = Path("/proc/self/maps").read_text()
    node = str(_encoder_node())
    units += video.stop()
    bridge.set("percentage_of_dropped_buffers", 0)
    assert {(status.name, status.reason) for status in video.encoder if status.state == "running"} == {("m2m", "")}
    assert {(unit.width, unit.height) for unit in units} == {size}
    assert is_key(units[0])
    assert all(any(map(is_key, units[at : at + GOP_MAX])) for at in range(len(units) - GOP_MAX))

    # On a machine that is slow enough the encoder counts as stalled, and there is a second stream.
    streams = [[frame.sequence for frame in stream] for stream in video.source.streams if stream]
    taken = {frame.captured_us: frame.sequence for stream in video.source.streams for frame in stream}
    assert all(taken[unit.captured_us] == unit.sequence for unit in units), "the time stamps are carried"
    tally = video.feeder.tally
    absent = sum(stream[-1] - stream[0] + 1 - len(set(stream)) for stream in streams)
    assert tally.missed + tally.starved == absent > 0
    under_way = len(taken) - len(units) - tally.overtaken - tally.spoiled
    assert 0 <= under_way <= 2 * len(streams), "one in the encoder, one waiting"

    assert maps.count(node) == 3, "coded buffers are mapped, which shows that this would see raw ones"
    assert "/dev/video0" not in maps
    assert "dmabuf" not in maps


def _encoder_node() -> Path:
    node = find_codec(CODING)
    try:
        return Path(f"/proc/self/fd/{node.fileno()}").readlink()
    finally:
        node.close()


def test_frames_pass_where_no_file_can_be_mapped(bridge: Bridge) -> None:
    program = [sys.executable, "-m", "tests.kernel.guest.sealed"]
    result = subprocess.run(program, stdout=subprocess.PIPE, text=True, timeout=4 * PATIENCE)
    assert result.stdout.splitlines() == ["sealed", "a snapshot: Operation not permitted", "20 access units"]


def test_a_new_mode_gets_an_encoder_of_its_own(video: Video, bridge: Bridge) -> None:
    video.unit()
    before = _open_descriptors()
    for mode, size in (("640x480p59", (640, 480)), ("800x600p60", (800, 600)), ("1280x720p60", (1280, 720))):
        bridge.mode(mode)
        while ((unit := video.unit()).width, unit.height) != size:
            pass
        assert is_key(unit)
    assert _open_descriptors() == before


def test_rows_that_the_encoder_cannot_take_are_encoded_in_software(video: Video, bridge: Bridge) -> None:
    bridge.mode("720x480p59")
    while (unit := video.unit()).width != 720:
        pass
    assert unit.key
    assert unit.data.startswith(b"\0\0\0\1\x67"), "H.264"
    assert [(status.name, status.reason) for status in video.encoder if status.state == "running"][-1] == (
        "software",
        "the encoder wants rows of 1440 bytes and frames of 691200, the input has 1472 and 706560",
    )
    assert "dmabuf" in Path("/proc/self/maps").read_text(), "this one reads raw frames, and it can be seen"


def test_an_encoder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoEncoder, match="no H264 encoder among 4 video devices$"):
        find_codec("H264")
    with pytest.raises(NoEncoder, match="no FWHT encoder among 4 video devices; video0: No such file"):
        find_codec("FWHT", dev=tmp_path)
    with pytest.raises(OSError, match="not a memory-to-memory device"):
        CodecNode(Path("/dev/video0"))
