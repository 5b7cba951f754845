"""The hardware encoder's session on the simulated board, whose encoder is as difficult as the real one."""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Callable, Iterator
from typing import Any

import av
import pytest

from app.sim.codec import Firmware, SimCodec
from app.video.codec import Coded, Control
from app.video.encoder import EncoderError, Unfit
from app.video.frame import AccessUnit, PixelFormat, RawFormat, RawFrame
from app.video.m2m import M2MEncoder

HD = RawFormat(1280, 720, "UYVY", 2560, 2560 * 720, 60.0)
BUFFERS = 5


class Spied(SimCodec):
    """The simulated encoder; writes down what it is asked for, and knows a newer kernel's control if told so."""

    def __init__(self, firmware: Firmware, absent: set[Control]) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.closed = False
        self.absent = absent
        self.late: list[int] | None = None
        """Buffers that are kept longer than their access units, if that is to happen."""
        self.lazy = False
        """Encodes when somebody asks, and not before."""
        self.spoil: Callable[[Coded], Coded | None] = lambda coded: coded
        super().__init__(firmware, lambda seconds: self.calls.append(("sleep", seconds)))

    def set_control(self, control: Control, value: int) -> None:
        self.calls.append((control, value))
        if control in self.absent:
            raise OSError(errno.EINVAL, "no such control")
        if control != "gop":
            super().set_control(control, value)

    def set_raw_format(self, wanted: PixelFormat) -> PixelFormat:
        self.calls.append(("raw format",))
        return super().set_raw_format(wanted)

    def set_coded_format(self, coding: str, width: int, height: int, sizeimage: int) -> tuple[str, int]:
        self.calls.append(("coded format", coding, sizeimage))
        return super().set_coded_format(coding, width, height, sizeimage)

    def set_rate(self, fps: int) -> None:
        self.calls.append(("rate", fps))
        super().set_rate(fps)

    def import_buffers(self, count: int) -> int:
        self.calls.append(("import", count))
        return super().import_buffers(count)

    def make_buffers(self, count: int) -> int:
        self.calls.append(("make", count))
        return super().make_buffers(count)

    def start(self) -> None:
        self.calls.append(("start",))
        super().start()

    def put_raw(self, index: int, dmabuf: int, bytesused: int, captured_us: int) -> None:
        self.calls.append(("put", index, bytesused))
        super().put_raw(index, dmabuf, bytesused, captured_us)

    def take_raw(self) -> int | None:
        index = super().take_raw()
        if index is not None and self.late is not None:
            self.late.append(index)
            return None
        return index

    def take_coded(self) -> Coded | None:
        if self.lazy:
            self.lazy = self._firmware.silent = False
            self._work()
        coded = super().take_coded()
        if coded is None:
            return None
        spoilt = self.spoil(coded)
        if spoilt is None:
            self.give_coded(coded.index)
        return spoilt

    def stop(self) -> None:
        self.calls.append(("stop",))
        super().stop()

    def close(self) -> None:
        self.closed = True
        super().close()


class Bench:
    def __init__(self) -> None:
        self.now = 0
        self.firmware = Firmware()
        self.absent: set[Control] = {"gop"}
        self.codecs: list[Spied] = []
        self.raw = HD
        self.buffers = tuple(os.memfd_create(f"raw-{index}") for index in range(BUFFERS))
        for descriptor in self.buffers:
            os.ftruncate(descriptor, 1920 * 2 * 1200)
        self.sequence = 0

    @property
    def codec(self) -> Spied:
        return self.codecs[-1]

    def encoder(self, raw: RawFormat = HD, bitrate: int = 4_000_000, coding: str = "H264") -> M2MEncoder:
        self.codecs.append(Spied(self.firmware, self.absent))
        return M2MEncoder(self.codec, raw, self.buffers, lambda: self.now, bitrate=bitrate, coding=coding)

    def put(self, encoder: M2MEncoder) -> RawFrame:
        frame = RawFrame(self.sequence % BUFFERS, HD.sizeimage, 1_000_000 + self.sequence * 16_667, self.sequence)
        self.sequence += 1
        encoder.submit(frame)
        return frame

    def encode(self, encoder: M2MEncoder) -> AccessUnit:
        frame = self.put(encoder)
        released, units = encoder.collect()
        assert list(released) == [frame.index]
        (unit,) = units
        assert (unit.sequence, unit.captured_us) == (frame.sequence, frame.captured_us)
        return unit


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    assert all(codec.closed for codec in bench.codecs)
    for descriptor in bench.buffers:
        os.close(descriptor)


@pytest.fixture
def encoder(bench: Bench) -> Iterator[M2MEncoder]:
    encoder = bench.encoder()
    yield encoder
    encoder.close()


def test_the_order_of_calls_is_the_drivers(bench: Bench, encoder: M2MEncoder) -> None:
    bench.encode(encoder)
    assert bench.codec.calls == [
        ("profile", 1), ("level", 11), ("bitrate_mode", 0), ("bitrate", 4_000_000), ("header_mode", 1), ("repeat_header", 1),
        ("force_key", 1), ("gop", 600), ("i_period", 600), ("raw format",), ("coded format", "H264", 1 << 20), ("rate", 60),
        ("import", BUFFERS), ("make", 3), ("start",), ("put", 0, HD.sizeimage),
    ]  # fmt: skip


def test_a_newer_kernels_control_is_enough(bench: Bench) -> None:
    bench.absent = set()
    encoder = bench.encoder()
    assert ("gop", 600) in bench.codec.calls
    assert "i_period" not in dict(bench.codec.calls[:8])
    encoder.close()


def test_an_encoder_that_cannot_be_asked_gives_a_key_frame_a_second(bench: Bench) -> None:
    bench.absent = {"gop", "force_key", "profile", "level", "bitrate", "repeat_header"}
    encoder = bench.encoder()
    encoder.request_key()
    encoder.set_bitrate(1_000_000)
    keys = [unit.sequence for unit in (bench.encode(encoder) for _count in range(121)) if unit.key]
    assert keys == [0, 60, 120]
    encoder.close()


@pytest.mark.parametrize(
    ("width", "height", "fps", "level"),
    [
        (640, 480, 60.0, 11),
        (1280, 720, 60.0, 11),
        (1920, 1080, 30.0, 11),
        (1920, 1080, 50.0, 13),
        (1920, 1200, 60.0, 13),
    ],
)
def test_the_level_allows_the_size(bench: Bench, width: int, height: int, fps: float, level: int) -> None:
    """A level that is too low never gives a frame; one that an older kernel does not know is left at the driver's own."""
    raw = RawFormat(width, height, "UYVY", width * 2, width * 2 * height, fps)
    if height == 1200:
        level = 15
    encoder = bench.encoder(raw)
    assert ("level", level) in bench.codec.calls
    if height < 1200:
        assert bench.encode(encoder).key
    encoder.close()


def test_a_large_picture_has_room(bench: Bench) -> None:
    encoder = bench.encoder(RawFormat(1920, 1080, "UYVY", 3840, 3840 * 1080, 0.0))
    assert ("coded format", "H264", 1920 * 1080) in bench.codec.calls
    assert ("rate", 30) in bench.codec.calls, "a rate of nothing spoils the frames"
    encoder.close()


def test_key_frames_carry_parameter_sets_and_decode(bench: Bench, encoder: M2MEncoder) -> None:
    decoder = av.CodecContext.create("h264", "r")
    units = []
    for count in range(8):
        if count == 5:
            encoder.request_key()
        units.append(bench.encode(encoder))
        assert len(decoder.decode(av.Packet(units[-1].data))) == 1
    assert [unit.key for unit in units] == [count in {0, 5} for count in range(8)]
    for unit in units:
        assert (unit.data[:5] == b"\0\0\0\1\x67") == unit.key


def test_without_repeated_headers_the_first_ones_are_kept(bench: Bench) -> None:
    bench.absent.add("repeat_header")
    encoder = bench.encoder()
    for _key in range(3):
        encoder.request_key()
        unit = bench.encode(encoder)
        assert unit.key
        (_picture,) = av.CodecContext.create("h264", "r").decode(av.Packet(unit.data))
    encoder.close()


def test_the_node_is_polled_for_what_is_missing(bench: Bench, encoder: M2MEncoder) -> None:
    assert encoder.descriptors() == {}
    bench.codec.late = []
    bench.put(encoder)
    node = bench.codec.fileno()
    assert encoder.descriptors() == {node: select.POLLIN}
    released, units = encoder.collect()
    assert (list(released), len(units)) == ([], 1)
    assert encoder.descriptors() == {node: select.POLLOUT}
    bench.codec.late = None
    bench.codec.__dict__["_done"].append(0)
    assert encoder.collect() == ([0], [])
    assert encoder.descriptors() == {}


def test_the_rate_follows_while_it_runs_and_stays_below_what_the_level_forbids(bench: Bench) -> None:
    encoder = bench.encoder(bitrate=25_000_000)
    encoder.set_bitrate(500_000)
    encoder.set_bitrate(50_000_000)
    rates = [call[1] for call in bench.codec.calls if call[0] == "bitrate"]
    assert rates == [20_000_000, 500_000, 20_000_000]
    encoder.close()


def test_the_frame_rate_follows_while_it_runs_and_is_never_nothing(bench: Bench) -> None:
    encoder = bench.encoder()
    for fps in (59.94 / 3, 0.3):
        encoder.set_frame_rate(fps)
    assert [call[1] for call in bench.codec.calls if call[0] == "rate"] == [60, 20, 1]
    encoder.close()


def test_a_frame_that_is_lost_inside_is_finished_without_an_access_unit(bench: Bench, encoder: M2MEncoder) -> None:
    bench.encode(encoder)
    bench.codec.spoil = lambda _coded: None
    frame = bench.put(encoder)
    assert encoder.collect() == ([], [])
    bench.now += 250_000
    assert encoder.collect() == ([], [])
    bench.now += 1
    assert encoder.collect() == ([frame.index], [])


def test_a_later_access_unit_ends_the_wait_for_an_earlier_one(bench: Bench, encoder: M2MEncoder) -> None:
    bench.encode(encoder)
    bench.codec.spoil = lambda _coded: None
    lost = bench.put(encoder)
    encoder.collect()
    bench.codec.spoil = lambda coded: coded
    frame = bench.put(encoder)
    released, units = encoder.collect()
    assert list(released) == [lost.index, frame.index]
    assert [unit.sequence for unit in units] == [frame.sequence]


def test_a_damaged_access_unit_is_not_shown(bench: Bench, encoder: M2MEncoder) -> None:
    bench.encode(encoder)
    bench.codec.spoil = lambda coded: Coded(coded.index, coded.bytesused, coded.captured_us, coded.key, damaged=True)
    frame = bench.put(encoder)
    assert encoder.collect() == ([frame.index], [])
    bench.codec.spoil = lambda coded: coded
    assert not bench.encode(encoder).key, "whoever collects asks for one, among its other wishes"


def test_an_access_unit_of_no_frame_is_dropped(bench: Bench, encoder: M2MEncoder) -> None:
    bench.encode(encoder)
    bench.codec.spoil = lambda coded: Coded(coded.index, coded.bytesused, 77, coded.key, coded.damaged)
    bench.put(encoder)
    assert encoder.collect() == ([], [])


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (RawFormat(1366, 768, "UYVY", 2732, 2732 * 768, 60.0), "wants rows of 2752 bytes"),
        (RawFormat(1366, 768, "UYVY", 2732, 2752 * 768, 60.0), "wants rows of 2752 bytes"),
        (RawFormat(2048, 1152, "UYVY", 4096, 4096 * 1152, 30.0), "takes 1920x1152 UYVY for 2048x1152 UYVY"),
        (RawFormat(1280, 720, "AB24", 5120, 5120 * 720, 60.0), "takes 1280x720 YU12 for 1280x720 AB24"),
    ],
)
def test_frames_that_it_cannot_take_are_unfit(bench: Bench, raw: RawFormat, words: str) -> None:
    with pytest.raises(Unfit, match=words):
        bench.encoder(raw)


def test_another_coding_is_unfit(bench: Bench) -> None:
    with pytest.raises(Unfit, match="makes H264, not FWHT"):
        bench.encoder(coding="FWHT")


def test_a_stuck_firmware_is_an_error_and_leaves_nothing(bench: Bench) -> None:
    bench.firmware.stuck = True
    before = sorted(os.listdir("/proc/self/fd"))
    with pytest.raises(EncoderError, match="cannot start the encoder: Invalid argument"):
        bench.encoder()
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_memory_that_cannot_be_imported_is_an_error(bench: Bench, encoder: M2MEncoder) -> None:
    bench.firmware.contiguous = False
    with pytest.raises(EncoderError, match="cannot give the encoder a frame: Invalid argument"):
        bench.put(encoder)


def test_a_silent_encoder_stops_after_its_two_seconds(bench: Bench) -> None:
    encoder = bench.encoder()
    bench.firmware.silent = True
    bench.put(encoder)
    assert encoder.collect() == ([], [])
    encoder.close()
    assert [call for call in bench.codec.calls if call[0] in {"sleep", "stop"}] == [
        ("stop",),
        ("sleep", 2.0),
        ("stop",),
    ]


def test_the_frame_inside_is_let_out_before_the_stop(bench: Bench) -> None:
    bench.firmware.stops_left = 0
    for _time in range(3):
        encoder = bench.encoder()
        bench.codec.lazy = bench.firmware.silent = True
        bench.put(encoder)
        encoder.close()
        assert ("sleep", 2.0) not in bench.codec.calls
    assert not bench.firmware.stuck
