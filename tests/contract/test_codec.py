"""The ioctls of a stateful encoder's node: what they take, what they refuse and how."""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.video.codec import Codec, Coded
from app.video.encoder import Unfit
from app.video.frame import PixelFormat, RawFormat, RawFrame
from app.video.m2m import M2MEncoder
from tests.contract.codec_rig import CodecRig, SimCodecRig, VicodecRig
from tests.contract.differences import expected

VGA = PixelFormat(640, 480, "UYVY", 1280, 1280 * 480)
RAW_COUNT, CODED_COUNT = 3, 2
PATIENCE_MS = 60_000


IN_GUEST = Path("/run/inkvm-bench").exists()


@pytest.fixture(scope="module", params=["single-planar", "multi-planar"] if IN_GUEST else ["board"])
def rig(request: pytest.FixtureRequest) -> CodecRig:
    """The multi-planar one comes last: that is how everybody else finds it."""
    return VicodecRig(request.param) if IN_GUEST else SimCodecRig()


@pytest.fixture
def manner(rig: CodecRig) -> Callable[[str], Any]:
    """What this driver does, by the name of a difference."""
    return lambda name: expected(name, rig.driver)


@pytest.fixture
def codec(rig: CodecRig) -> Iterator[Codec]:
    result = rig.open()
    yield result
    result.close()


@pytest.fixture
def memories(rig: CodecRig) -> Iterator[list[int]]:
    """A DMABUF for each raw buffer."""
    with ExitStack() as closing:
        descriptors = [rig.memory(VGA.sizeimage) for _buffer in range(RAW_COUNT)]
        for descriptor in descriptors:
            closing.callback(os.close, descriptor)
        yield descriptors


def code(call: Callable[..., object], *arguments: object) -> str:
    """The errno that the call fails with, empty if it does not."""
    try:
        call(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return ""


def formats(codec: Codec, rig: CodecRig) -> None:
    codec.set_raw_format(VGA)
    codec.set_coded_format(rig.coding, VGA.width, VGA.height, 1 << 20)


def start(codec: Codec, rig: CodecRig) -> None:
    formats(codec, rig)
    codec.import_buffers(RAW_COUNT)
    codec.make_buffers(CODED_COUNT)
    codec.start()


def coded(codec: Codec) -> Coded:
    """The next buffer, still the caller's."""
    poller = select.poll()
    poller.register(codec.fileno(), select.POLLIN)
    while (found := codec.take_coded()) is None:
        assert poller.poll(PATIENCE_MS), "nothing comes out"
    return found


def returned(codec: Codec) -> int:
    """The next raw buffer that comes back."""
    poller = select.poll()
    poller.register(codec.fileno(), select.POLLOUT)
    while (index := codec.take_raw()) is None:
        assert poller.poll(PATIENCE_MS), "no buffer comes back"
    return index


def test_it_makes_its_coding_and_no_raw_pictures(codec: Codec, rig: CodecRig) -> None:
    assert rig.coding in codec.codings()
    assert "UYVY" not in codec.codings()


def test_packed_frames_are_taken_as_they_are(codec: Codec) -> None:
    assert codec.set_raw_format(VGA) == VGA


def test_longer_rows(codec: Codec, manner: Callable[[str], Any]) -> None:
    padded = PixelFormat(720, 480, "UYVY", 1472, 1472 * 480)
    assert codec.set_raw_format(padded).bytesperline == manner("longer-rows")


def test_an_unknown_raw_format_becomes_the_first_one(codec: Codec) -> None:
    assert codec.set_raw_format(PixelFormat(640, 480, "JUNK", 0, 0)).fourcc == "YU12"


def test_an_unknown_coding_becomes_the_first_one(codec: Codec, rig: CodecRig) -> None:
    codec.set_raw_format(VGA)
    assert codec.set_coded_format("JUNK", 640, 480, 1 << 20)[0] == rig.coding


def test_room_for_coded_frames(codec: Codec, rig: CodecRig, manner: Callable[[str], Any]) -> None:
    codec.set_raw_format(VGA)
    assert codec.set_coded_format(rig.coding, 640, 480, 3 << 20)[1] in manner("coded-room")
    assert codec.set_coded_format(rig.coding, 640, 480, 1)[1] > 500_000


@pytest.mark.parametrize("control", ["profile", "force_key", "gop", "i_period", "bitrate", "repeat_header"])
def test_which_controls_there_are(codec: Codec, control: Any, manner: Callable[[str], Any]) -> None:
    assert code(codec.set_control, control, 1) == ("" if control in manner("controls") else "EINVAL")


def test_a_number_beyond_the_range_is_brought_into_it(codec: Codec, manner: Callable[[str], Any]) -> None:
    for control in ("bitrate", "gop", "i_period"):
        if control in manner("controls"):
            codec.set_control(control, 2_000_000_000)
            codec.set_control(control, -5)


def test_the_rate_of_frames(codec: Codec, manner: Callable[[str], Any]) -> None:
    assert code(codec.set_rate, 60) == manner("rate")
    assert code(codec.set_rate, 0) in {"EINVAL", manner("rate")} - {""}


def test_formats_are_fixed_while_there_are_buffers(codec: Codec, rig: CodecRig, manner: Callable[[str], Any]) -> None:
    start(codec, rig)
    larger = PixelFormat(1280, 720, "UYVY", 2560, 2560 * 720)
    assert code(codec.set_raw_format, larger) == "EBUSY"
    assert code(codec.set_raw_format, VGA) == manner("same-format-again")
    assert code(codec.set_coded_format, "JUNK", 1280, 720, 1 << 20) == "EBUSY"
    codec.stop()
    assert codec.set_raw_format(larger) == larger


def test_buffers_are_as_many_as_asked_at_least(codec: Codec, rig: CodecRig) -> None:
    formats(codec, rig)
    assert codec.import_buffers(RAW_COUNT) >= RAW_COUNT
    assert codec.make_buffers(CODED_COUNT) >= CODED_COUNT


def test_there_is_no_start_without_buffers(codec: Codec, rig: CodecRig) -> None:
    formats(codec, rig)
    assert code(codec.start) == "EINVAL"


def test_a_frame_goes_in_and_an_access_unit_comes_out(
    codec: Codec, rig: CodecRig, memories: list[int], manner: Callable[[str], Any]
) -> None:
    start(codec, rig)
    assert codec.take_coded() is None
    assert codec.take_raw() is None
    alone = manner("headers-alone-first")
    for number in range(6):
        index, stamp = number % RAW_COUNT, 987_654_321_012_345 + number * 16_667
        codec.put_raw(index, memories[index], VGA.sizeimage, stamp)
        if alone and number == 0:
            headers = coded(codec)
            assert headers.captured_us == 0
            codec.give_coded(headers.index)
        found = coded(codec)
        assert (found.captured_us, found.damaged) == (stamp, False), "to the microsecond"
        data = codec.read(found)
        assert len(data) == found.bytesused > 0
        codec.give_coded(found.index)
        assert returned(codec) == index
        assert found.key == (number == 0 and manner("key-flag"))
    assert codec.take_coded() is None
    assert codec.take_raw() is None


def test_without_a_free_buffer_the_frame_waits_inside(
    codec: Codec, rig: CodecRig, memories: list[int], manner: Callable[[str], Any]
) -> None:
    start(codec, rig)
    for index in range(RAW_COUNT):
        codec.put_raw(index, memories[index], VGA.sizeimage, index)
    held = [coded(codec), coded(codec)]
    assert codec.take_coded() is None
    for _other in range(RAW_COUNT + manner("headers-alone-first") - 2):
        codec.give_coded(held.pop(0).index)
        held.append(coded(codec))
    assert held[-1].captured_us == RAW_COUNT - 1
    assert sorted(returned(codec) for _buffer in range(RAW_COUNT)) == list(range(RAW_COUNT))


def test_what_cannot_be_imported_is_refused(codec: Codec, rig: CodecRig, memories: list[int]) -> None:
    start(codec, rig)
    short = rig.memory(VGA.sizeimage // 2)
    assert code(codec.put_raw, 0, short, VGA.sizeimage, 1) == "EFAULT"
    os.close(short)
    assert code(codec.put_raw, 0, memories[0], VGA.sizeimage // 2, 1) == "EINVAL"
    codec.put_raw(0, memories[0], VGA.sizeimage, 1)


def test_a_buffer_inside_cannot_be_put_again(codec: Codec, rig: CodecRig, memories: list[int]) -> None:
    start(codec, rig)
    codec.put_raw(0, memories[0], VGA.sizeimage, 1)
    assert code(codec.put_raw, 0, memories[0], VGA.sizeimage, 2) == "EINVAL"


def test_stopping_gives_everything_back_and_it_starts_again(codec: Codec, rig: CodecRig, memories: list[int]) -> None:
    before = sorted(os.listdir("/proc/self/fd"))
    for _round in range(5):
        start(codec, rig)
        codec.put_raw(1, memories[1], VGA.sizeimage, 5)
        codec.give_coded(coded(codec).index)
        codec.stop()
    codec.stop()
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_two_may_use_it_at_once(codec: Codec, rig: CodecRig, memories: list[int]) -> None:
    other = rig.open()
    for each in (codec, other):
        start(each, rig)
    other.put_raw(0, memories[0], VGA.sizeimage, 1)
    coded(other)
    assert codec.take_coded() is None
    other.close()
    codec.put_raw(0, memories[0], VGA.sizeimage, 1)
    coded(codec)


def test_a_whole_session(rig: CodecRig, memories: list[int], manner: Callable[[str], Any]) -> None:
    """The encoder as the pipeline has it."""
    raw = RawFormat(640, 480, "UYVY", 1280, 1280 * 480, 60.0)
    encoder = M2MEncoder(rig.open(), raw, memories, lambda: 0, bitrate=1_000_000, coding=rig.coding)
    encoder.set_bitrate(500_000)
    units = []
    for number in range(9):
        if number == 6:
            encoder.request_key()
        encoder.submit(RawFrame(number % RAW_COUNT, VGA.sizeimage, 40 + number, number))
        finished: list[int] = []
        while not finished:
            (descriptor, events), *_none = encoder.descriptors().items() or [(-1, 0)]
            poller = select.poll()
            poller.register(descriptor, events)
            assert poller.poll(PATIENCE_MS)
            released, made = encoder.collect()
            finished += released
            units += made
        assert finished == [number % RAW_COUNT]
    assert [(unit.sequence, unit.captured_us) for unit in units] == [(number, 40 + number) for number in range(9)]
    keys = [unit.sequence for unit in units if unit.key]
    assert keys == ([0, 6] if manner("key-flag") else [])
    encoder.close()


def test_frames_with_rows_of_its_own_are_unfit(rig: CodecRig) -> None:
    raw = RawFormat(1366, 768, "UYVY", 2732, 2732 * 768, 60.0)
    with pytest.raises(Unfit, match="the encoder"):
        M2MEncoder(rig.open(), raw, (), lambda: 0, bitrate=1_000_000, coding=rig.coding)
