"""The ioctls of an HDMI input's node: what they take, what they refuse and how, what they change."""

from __future__ import annotations

import errno
import mmap
import os
import select
from collections.abc import Callable
from typing import Any

import pytest

from app.video.capture_node import CaptureNode
from app.video.edid import BLOCK
from app.video.frame import PixelFormat, RawFrame
from app.video.timings import Timings
from tests.contract.conftest import EDID
from tests.contract.rig import Rig

Manner = Callable[[str], Any]
HD = PixelFormat(1280, 720, "UYVY", 2560, 2560 * 720)


def refused(code: int | str, call: Callable[..., object], *arguments: object) -> None:
    """The call fails with that errno."""
    with pytest.raises(OSError) as caught:  # noqa: PT011 # the errno is compared below
        call(*arguments)
    wanted = code if isinstance(code, str) else errno.errorcode[code]
    assert errno.errorcode[caught.value.errno or 0] == wanted


def buffers(node: CaptureNode, count: int = 4) -> int:
    """UYVY, and so many of them, all queued; how many."""
    node.set_format(HD)
    got = node.request_buffers(count)
    for index in range(got):
        node.queue(index)
    return got


def frame(rig: Rig, node: CaptureNode) -> RawFrame:
    """The next one, still the caller's."""
    assert rig.wait(node.fd, select.POLLIN), "no frame"
    filled = node.dequeue()
    assert filled is not None
    assert not filled[1]
    return filled[0]


def test_it_says_who_it_is(node: CaptureNode, manner: Manner) -> None:
    assert node.names() == tuple(manner("names"))


def test_an_edid_is_read_back_and_cleared(node: CaptureNode) -> None:
    assert node.edid() == EDID
    base = EDID[:126] + b"\0" + bytes((EDID[127] + 1 & 255,))
    node.set_edid(base)
    assert node.edid() == base
    node.set_edid(b"")
    assert node.edid() == b""


def test_an_edid_that_is_too_long_is_refused_and_the_old_one_stays(node: CaptureNode, manner: Manner) -> None:
    most = manner("edid-blocks")
    refused(errno.E2BIG, node.set_edid, EDID + bytes(BLOCK * (most - 1)))
    assert node.edid() == EDID
    node.set_edid(EDID + bytes(BLOCK * (most - 2)))


def test_an_edid_with_a_broken_address_is_refused(node: CaptureNode) -> None:
    at = EDID.index(b"\x03\x0c\x00", BLOCK) + 3
    refused(errno.EINVAL, node.set_edid, EDID[:at] + b"\x01\x00" + EDID[at + 2 :])
    assert node.edid() == EDID


def test_an_edid_is_loaded_while_buffers_exist_or_not(node: CaptureNode, manner: Manner) -> None:
    buffers(node)
    if wanted := manner("edid-with-buffers"):
        refused(wanted, node.set_edid, EDID)
    else:
        node.set_edid(EDID)
    node.request_buffers(0)
    node.set_edid(EDID)


def test_timings_are_those_that_are_sent(rig: Rig, node: CaptureNode, manner: Manner) -> None:
    found = node.query_timings()
    assert (found.width, found.height, found.fps, found.interlaced) == (1280, 720, 60.0, 0)
    assert (found.hfrontporch + found.hbackporch == 0) == manner("blanking-is-sync")
    rig.mode(640, 480, 60)
    assert node.query_timings().fps == manner("vga-rate")


@pytest.mark.parametrize(
    ("happens", "code"),
    [("no_signal", errno.ENOLINK), ("no_lock", errno.ENOLCK), ("out_of_range", errno.ERANGE)],
)
def test_missing_timings_have_their_errno(rig: Rig, node: CaptureNode, happens: str, code: int) -> None:
    getattr(rig, happens)()
    refused(code, node.query_timings)
    rig.mode(1280, 720, 60)
    assert node.query_timings().height == 720


def test_without_an_edid_nothing_is_sent(rig: Rig, node: CaptureNode) -> None:
    node.set_edid(b"")
    refused(errno.ENOLINK, node.query_timings)
    node.set_edid(EDID)
    rig.settle()
    assert node.query_timings().width == 1280


def test_interlaced_is_told_one_way_or_the_other(rig: Rig, node: CaptureNode, manner: Manner) -> None:
    rig.interlaced()
    if wanted := manner("interlaced"):
        refused(wanted, node.query_timings)
    else:
        assert node.query_timings().interlaced == 1


def test_power_is_seen(rig: Rig, node: CaptureNode) -> None:
    assert node.power_present()
    rig.no_signal()
    rig.settle()
    assert node.power_present() is False


def test_timings_are_not_set_over_buffers(rig: Rig, node: CaptureNode, manner: Manner) -> None:
    same = node.query_timings()
    buffers(node)
    node.set_timings(same)
    rig.mode(1920, 1080, 30)
    other = node.query_timings()
    refused(errno.EBUSY, node.set_timings, other)
    node.request_buffers(0)
    node.set_timings(other)
    assert node.set_format(PixelFormat(1920, 1080, "UYVY", 0, 0)) == PixelFormat(1920, 1080, "UYVY", 3840, 3840 * 1080)
    assert node.set_format(HD).width == manner("other-size")


def test_timings_that_nobody_can_receive_are_refused(node: CaptureNode, manner: Manner) -> None:
    refused(manner("impossible-timings"), node.set_timings, Timings(4000, 3000, 900_000_000, hsync=100, vsync=100))


def test_a_format_is_what_can_be_had(node: CaptureNode, manner: Manner) -> None:
    assert node.set_format(HD) == HD
    assert node.set_format(PixelFormat(1280, 720, "ABCD", 0, 0)).fourcc == manner("fallback-format")
    assert node.set_format(PixelFormat(1280, 720, "UYVY", 1, 0)) == HD
    assert node.set_format(PixelFormat(1280, 720, "UYVY", 2624, 0)).bytesperline == 2624
    assert node.set_format(PixelFormat(1280, 720, "UYVY", 2570, 0)).bytesperline == manner("row-of-2570")
    assert node.set_format(PixelFormat(1280, 720, "UYVY", 2624, 0)).sizeimage == 2624 * 720


def test_other_timings_put_the_row_back(rig: Rig, node: CaptureNode) -> None:
    node.set_format(PixelFormat(1280, 720, "UYVY", 4096, 0))
    rig.mode(640, 480, 60)
    node.set_timings(node.query_timings())
    for index in range(node.request_buffers(4)):
        node.queue(index)
    node.stream(True)
    assert frame(rig, node).bytesused == 1280 * 480, "whether a format is set after them or not"
    node.stream(False)
    node.request_buffers(0)
    assert node.set_format(PixelFormat(640, 480, "UYVY", 0, 0)).bytesperline == 1280


def test_a_format_is_not_set_over_buffers(node: CaptureNode) -> None:
    buffers(node)
    refused(errno.EBUSY, node.set_format, PixelFormat(1280, 720, "RGB3", 0, 0))


def test_there_are_never_too_few_buffers(node: CaptureNode, manner: Manner) -> None:
    node.set_format(HD)
    assert node.request_buffers(1) == manner("fewest-buffers")
    assert node.request_buffers(5) == 5
    assert node.request_buffers(0) == 0


def test_a_buffer_that_is_not_there_is_refused(node: CaptureNode) -> None:
    count = buffers(node)
    refused(errno.EINVAL, node.queue, count)
    refused(errno.EINVAL, node.export, count)


def test_a_buffer_is_queued_once(node: CaptureNode) -> None:
    buffers(node)
    refused(errno.EINVAL, node.queue, 0)


def test_streaming_needs_buffers_and_taking_needs_a_stream(node: CaptureNode) -> None:
    node.set_format(HD)
    refused(errno.EINVAL, node.stream, True)
    buffers(node)
    refused(errno.EINVAL, node.dequeue)
    node.stream(True)
    refused(errno.EBUSY, node.request_buffers, 0)


def test_frames_come_in_order_with_all_their_bytes(rig: Rig, node: CaptureNode, manner: Manner) -> None:
    count = buffers(node)
    node.stream(True)
    taken = []
    for _ in range(3 * count):
        taken.append(frame(rig, node))
        node.queue(taken[-1].index)
    assert [f.index for f in taken[:count]] == list(range(count))
    assert {f.bytesused for f in taken} == {HD.sizeimage}
    times = [f.captured_us for f in taken]
    assert times == sorted(set(times))
    numbers = [f.sequence for f in taken]
    assert numbers[0] <= 2, "it counts from the start of the stream"
    assert numbers == sorted(numbers)
    assert manner("numbers-repeat") or len(set(numbers)) == len(numbers)


def test_a_frame_without_a_buffer_is_a_gap_in_the_numbers(rig: Rig, node: CaptureNode) -> None:
    count = buffers(node)
    node.stream(True)
    held = [frame(rig, node) for _ in range(count)]
    rig.some_frames_long()
    assert node.dequeue() is None
    for kept in held:
        node.queue(kept.index)
    assert frame(rig, node).sequence > held[-1].sequence + 2


def test_a_stop_gives_every_buffer_back(rig: Rig, node: CaptureNode) -> None:
    count = buffers(node)
    node.stream(True)
    frame(rig, node)
    node.stream(False)
    refused(errno.EINVAL, node.dequeue)
    for index in range(count):
        node.queue(index)
    node.stream(True)
    assert frame(rig, node).sequence <= 2


def test_exported_memory_outlives_the_buffers(rig: Rig, node: CaptureNode) -> None:
    buffers(node)
    descriptors = [node.export(0), node.export(0)]
    try:
        node.stream(True)
        assert frame(rig, node).index == 0
        with mmap.mmap(descriptors[0], HD.sizeimage, prot=mmap.PROT_READ) as one:
            picture = one[:4096]
        node.stream(False)
        node.request_buffers(0)
        with mmap.mmap(descriptors[1], HD.sizeimage, prot=mmap.PROT_READ) as other:
            assert other[:4096] == picture
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def test_a_change_of_mode_is_announced_once(rig: Rig, node: CaptureNode) -> None:
    assert not node.source_changed()
    rig.mode(640, 480, 60)
    assert rig.wait(node.fd, select.POLLPRI)
    assert node.source_changed()
    assert not node.source_changed()


def test_a_lost_signal_is_announced_or_not(rig: Rig, node: CaptureNode, manner: Manner) -> None:
    rig.no_signal()
    rig.settle()
    assert node.source_changed() == manner("event-when-power-goes")


def test_a_cable_without_power_has_no_size(rig: Rig, node: CaptureNode, manner: Manner) -> None:
    rig.no_signal()
    rig.settle()
    got = node.set_format(HD)
    assert [got.width, got.height] == manner("size-without-power")


def test_a_cleared_edid_is_announced_or_not(rig: Rig, node: CaptureNode, manner: Manner) -> None:
    node.set_edid(b"")
    rig.settle()
    assert node.source_changed() == manner("event-when-the-edid-goes")


def test_frames_stop_with_the_signal_or_not(rig: Rig, node: CaptureNode, manner: Manner) -> None:
    count = buffers(node)
    node.stream(True)
    node.queue(frame(rig, node).index)
    rig.no_signal()
    rig.settle()
    for _ in range(2 * count):
        # What was filled before the signal went is still there.
        if (filled := node.dequeue()) is not None:
            node.queue(filled[0].index)
    assert rig.wait(node.fd, select.POLLIN) == manner("frames-without-a-signal")


def test_a_mode_that_needs_more_lanes_does_not_stream(rig: Rig, node: CaptureNode, manner: Manner) -> None:
    rig.mode(1920, 1080, 60)
    node.set_timings(node.query_timings())
    buffers(node)
    if wanted := manner("three-lanes"):
        refused(wanted, node.stream, True)
    else:
        node.stream(True)


def test_a_device_that_is_gone_says_so(rig: Rig, node: CaptureNode) -> None:
    buffers(node)
    node.stream(True)
    rig.disconnect()
    for call in (node.query_timings, node.dequeue, node.source_changed, node.edid, node.power_present, node.names):
        refused(errno.ENODEV, call)
    for argument in (node.queue, node.request_buffers, node.stream, node.export):
        refused(errno.ENODEV, argument, 0)
