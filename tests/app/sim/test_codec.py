"""What only the board's encoder does; what it shares with every other is in tests/contract."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

import pytest

from app.sim.codec import Firmware, SimCodec
from app.video.frame import PixelFormat

HD = PixelFormat(1920, 1080, "UYVY", 3840, 3840 * 1080)


class Bench:
    def __init__(self) -> None:
        self.slept: list[float] = []
        self.firmware = Firmware()
        self.memory = os.memfd_create("raw")
        os.ftruncate(self.memory, HD.sizeimage)
        self.codec = SimCodec(self.firmware, self.slept.append)

    def start(self) -> None:
        self.codec.set_raw_format(HD)
        self.codec.set_coded_format("H264", HD.width, HD.height, 2 << 20)
        self.codec.import_buffers(2)
        self.codec.make_buffers(3)
        self.codec.start()

    def put(self) -> None:
        self.codec.put_raw(0, self.memory, HD.sizeimage, 7)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.codec.close()
    os.close(bench.memory)


@pytest.mark.parametrize(
    ("width", "bytesperline", "fourcc", "stride"),
    [(1366, 2732, "UYVY", 2752), (1280, 4096, "UYVY", 4096), (1360, 2720, "UYVY", 2752), (1360, 1360, "NV12", 1376)],
)
def test_rows_are_aligned(bench: Bench, width: int, bytesperline: int, fourcc: str, stride: int) -> None:
    assert bench.codec.set_raw_format(PixelFormat(width, 768, fourcc, bytesperline, 0)).bytesperline == stride


def test_sizes_are_brought_into_range(bench: Bench) -> None:
    taken = bench.codec.set_raw_format(PixelFormat(2047, 15, "UYVY", 0, 0))
    assert (taken.width, taken.height) == (1920, 32)


@pytest.mark.parametrize(
    ("profile", "mode", "bitrate", "refused"),
    [
        (1, 0, 25_000_000, errno.ESRCH),
        (4, 0, 25_000_000, None),
        (1, 0, 20_000_000, None),
        (2, 1, 10_000_000, errno.ETIME),
        (2, 0, 10_000_000, None),
        (1, 1, 10_000_000, None),
    ],
)
def test_a_rate_beyond_the_level_does_not_start_nor_does_a_constant_one_in_main(
    bench: Bench, profile: int, mode: int, bitrate: int, refused: int | None
) -> None:
    for control, value in (("profile", profile), ("bitrate_mode", mode), ("bitrate", bitrate)):
        bench.codec.set_control(control, value)  # type: ignore[arg-type]
    if refused is None:
        bench.start()
        return
    with pytest.raises(OSError) as caught:  # noqa: PT011 # the errno is compared below
        bench.start()
    assert caught.value.errno == refused
    assert bench.slept == ([3.0] if refused == errno.ETIME else [])


def test_a_level_too_low_for_the_size_never_gives_a_frame(bench: Bench) -> None:
    bench.codec.set_control("level", 9)
    bench.start()
    bench.put()
    assert bench.codec.take_coded() is None
    assert bench.codec.take_raw() is None
    bench.codec.stop()
    assert bench.slept == [2.0]


def test_there_are_never_too_few_buffers(bench: Bench) -> None:
    for make in (bench.codec.import_buffers, bench.codec.make_buffers):
        assert [make(count) for count in (1, 2, 3)] == [2, 2, 3]


def test_parameter_sets_come_first_and_alone(bench: Bench) -> None:
    bench.start()
    bench.put()
    first, second = bench.codec.take_coded(), bench.codec.take_coded()
    assert first is not None
    assert second is not None
    assert (first.captured_us, first.key, second.captured_us, second.key) == (0, False, 7, True)
    assert bench.codec.read(first)[:5] == b"\0\0\0\1\x67"
    assert len(bench.codec.read(first)) == first.bytesused < 1000


def test_a_buffer_that_is_too_small_cuts_the_frame(bench: Bench) -> None:
    assert bench.codec.set_coded_format("H264", 1280, 720, 1) == ("H264", 512 << 10)
    assert bench.codec.set_coded_format("H264", 1920, 1080, 1) == ("H264", 768 << 10)
    assert bench.codec.set_coded_format("FWHT", 1920, 1080, 4 << 20) == ("H264", 4 << 20)


def test_stopping_with_frames_held_hangs_it_in_the_end_until_a_reboot(bench: Bench) -> None:
    bench.firmware.silent, bench.firmware.stops_left = True, 1
    for expected in (False, True):
        bench.start()
        bench.put()
        bench.codec.stop()
        assert bench.firmware.stuck == expected
    with pytest.raises(OSError, match="Invalid argument"):
        bench.start()
    other = SimCodec(bench.firmware)
    with pytest.raises(OSError, match="Invalid argument"):
        other.import_buffers(1)
    other.close()


def test_nothing_is_the_end_of_the_stream(bench: Bench) -> None:
    bench.start()
    bench.codec.put_raw(0, bench.memory, 0, 7)
    bench.codec.put_raw(1, bench.memory, HD.sizeimage, 8)
    assert bench.codec.take_coded() is None
