"""libx264 through PyAV, its output read by FFmpeg's own decoder."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from app.video.encoder import EncoderError
from app.video.frame import AccessUnit, RawFormat, RawFrame
from app.video.software import SoftwareEncoder


def uyvy(raw: RawFormat, luma: int) -> bytes:
    """A grey picture with a black left half; the bytes beyond each row's end are garbage, as on hardware."""
    half = raw.width // 4
    row = bytes([128, 16]) * (half * 2) + bytes([128, luma]) * (raw.width - half * 2)
    return (row + b"\xee" * (raw.bytesperline - len(row))) * raw.height


class Bench:
    def __init__(self, width: int, height: int, stride: int) -> None:
        self.raw = RawFormat(width, height, "UYVY", stride, stride * height, 30.0)
        self.descriptors = tuple(os.memfd_create(f"raw-{index}") for index in range(2))
        for descriptor in self.descriptors:
            os.ftruncate(descriptor, self.raw.sizeimage)
        self.encoder = SoftwareEncoder(self.raw, self.descriptors, lambda: time.monotonic_ns() // 1000, 4_000_000, "")
        self.sequence = 0

    def encode(self, luma: int) -> AccessUnit:
        return self.encode_raw(uyvy(self.raw, luma))

    def encode_raw(self, pixels: bytes) -> AccessUnit:
        index = self.sequence % 2
        os.pwrite(self.descriptors[index], pixels, 0)
        self.encoder.submit(RawFrame(index, self.raw.sizeimage, 1_000_000 + self.sequence * 33_333, self.sequence))
        released, units = self.encoder.collect()
        assert list(released) == [index]
        assert len(units) == 1
        assert (units[0].sequence, units[0].captured_us) == (self.sequence, 1_000_000 + self.sequence * 33_333)
        self.sequence += 1
        return units[0]

    def close(self) -> None:
        self.encoder.close()
        for descriptor in self.descriptors:
            os.close(descriptor)


@pytest.fixture(params=[(1280, 720, 2560), (720, 400, 1472), (1366, 768, 2752)], ids=str)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    bench = Bench(*request.param)
    yield bench
    bench.close()


def test_what_goes_in_comes_out(bench: Bench) -> None:
    decoder = av.CodecContext.create("h264", "r")
    for luma in (60, 120, 200):
        unit = bench.encode(luma)
        (picture,) = decoder.decode(av.Packet(unit.data))
        assert (picture.width, picture.height) == (bench.raw.width, bench.raw.height) == (unit.width, unit.height)
        plane = picture.planes[0]
        middle = bytes(plane)[plane.line_size * (picture.height // 2) :]
        assert abs(middle[picture.width // 8] - 16) <= 4
        assert abs(middle[picture.width * 7 // 8] - luma) <= 4
        assert (picture.colorspace, picture.color_range) == (6, 1)


def test_one_unit_is_one_picture_with_no_delay_and_no_slices(bench: Bench) -> None:
    first, second = bench.encode(100), bench.encode(101)
    assert nal_types(first.data) == [7, 8, 5]
    assert nal_types(second.data) == [1]
    assert (first.key, second.key) == (True, False)


def test_the_profile_is_constrained_baseline(bench: Bench) -> None:
    sps = bench.encode(100).data.split(b"\0\0\1")[1]
    assert sps[1:3] == bytes([66, 0xC0])


def test_a_key_frame_comes_when_asked_and_only_then(bench: Bench) -> None:
    keys = []
    for number in range(12):
        if number == 6:
            bench.encoder.request_key()
        unit = bench.encode(40 if number % 2 else 220)
        keys.append(unit.key)
        if unit.key:
            assert nal_types(unit.data) == [7, 8, 5]
    assert [number for number, key in enumerate(keys) if key] == [0, 6]


@pytest.mark.parametrize("bitrate", [3_000_000, 1_000_000, 300_000])
def test_a_new_bitrate_is_kept_at_once(bitrate: int) -> None:
    """Noise, of which any rate could be spent: half as much again is the most, for a second; a key frame is bounded too."""
    noise = random.Random(1)
    bench = Bench(640, 368, 1280)
    frames = [noise.randbytes(bench.raw.sizeimage) for _ in range(4)]
    sizes = []
    for number in range(90):
        if number == 30:
            bench.encoder.set_bitrate(bitrate)
            bench.encoder.request_key()
        unit = bench.encode_raw(frames[number % 4])
        sizes.append(len(unit.data))
        assert unit.key == (number in {0, 30})
    bench.close()
    assert sum(sizes[60:]) * 8 <= bitrate * 1.5
    assert sizes[30] * 8 <= bitrate * 0.4


def test_an_unknown_format_is_refused_in_words() -> None:
    with pytest.raises(EncoderError, match="raw format RGB3: expected one of UYVY"):
        SoftwareEncoder(RawFormat(64, 64, "RGB3", 192, 192 * 64, 30.0), (), lambda: 0, 4_000_000, "")


def test_the_mapping_ends_with_the_session(bench: Bench) -> None:
    def mapped() -> int:
        return Path("/proc/self/maps").read_text().count("memfd:raw-")

    assert mapped() == 2
    bench.encoder.close()
    assert mapped() == 0


def nal_types(data: bytes) -> list[int]:
    """The types of the NAL units of an Annex B stream, without SEI, in which x264 signs its first frame."""
    types = [part[0] & 0x1F for part in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]]
    return [each for each in types if each != 6]
