"""One V4L2 device node: the ioctls of an HDMI input and its single-plane capture queue, as methods.

Structures and numbers are linuxpy's, generated from the kernel's videodev2.h, and stay in here. Every method raises the kernel's OSError.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from linuxpy.video import raw

from app.video.edid import BLOCK, BLOCKS_MAX
from app.video.frame import PixelFormat, RawFrame
from app.video.timings import Timings

_CAPTURE = raw.BufType.VIDEO_CAPTURE
_MMAP = raw.Memory.MMAP


class Node:
    """An open node, not blocking. Buffers are MMAP and exported as DMABUFs."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def close(self) -> None:
        """Close it; the kernel frees its buffers when their last descriptor is closed."""
        os.close(self.fd)

    def _ioctl(self, request: int, argument: Any) -> Any:
        fcntl.ioctl(self.fd, request, argument)
        return argument

    def names(self) -> tuple[str, str]:
        """The driver's and the card's."""
        found = self._ioctl(raw.IOC.QUERYCAP, raw.v4l2_capability())
        return found.driver.decode(errors="replace"), found.card.decode(errors="replace")

    def captures(self) -> bool:
        """Whether it captures pictures and streams them: no encoder, and no node for metadata."""
        wanted = raw.Capability.VIDEO_CAPTURE | raw.Capability.STREAMING
        return bool(self._ioctl(raw.IOC.QUERYCAP, raw.v4l2_capability()).device_caps & wanted == wanted)

    def has_dv_timings(self) -> bool:
        """Whether its input has DV timings: an HDMI receiver, and no webcam."""
        found = self._ioctl(raw.IOC.ENUMINPUT, raw.v4l2_input(index=0))
        return bool(found.capabilities & raw.InputCapabilities.DV_TIMINGS)

    def control(self, identifier: int) -> int | None:
        """A control's value; None when the node does not have it."""
        control = raw.v4l2_control(id=identifier)
        try:
            return int(self._ioctl(raw.IOC.G_CTRL, control).value)
        except OSError as error:
            if error.errno == errno.EINVAL:
                return None
            raise

    def power_present(self) -> bool | None:
        """Whether the HDMI cable brings +5 V; None when the driver cannot tell."""
        value = self.control(raw.ControlID.DV_RX_POWER_PRESENT)
        return None if value is None else value != 0

    def edid(self) -> bytes:
        """What the target reads; empty when there is none."""
        memory = (ctypes.c_uint8 * (BLOCKS_MAX * BLOCK))()
        try:
            found = self._ioctl(raw.IOC.G_EDID, raw.v4l2_edid(blocks=BLOCKS_MAX, edid=memory))
        except OSError as error:
            if error.errno == errno.ENODATA:
                return b""
            raise
        return bytes(memory)[: found.blocks * BLOCK]

    def set_edid(self, edid: bytes) -> None:
        """Unplug the display, and with an EDID that is not empty plug it in again."""
        memory = (ctypes.c_uint8 * (len(edid) or 1)).from_buffer_copy(edid or b"\0")
        self._ioctl(raw.IOC.S_EDID, raw.v4l2_edid(blocks=len(edid) // BLOCK, edid=memory))

    def query_timings(self) -> Timings:
        """What the input sees now."""
        found = self._ioctl(raw.IOC.QUERY_DV_TIMINGS, raw.v4l2_dv_timings()).bt
        return Timings(**{field.name: getattr(found, field.name) for field in fields(Timings)})

    def set_timings(self, timings: Timings) -> None:
        """Adopt them; buffers must be freed, and the format be set anew."""
        wanted = raw.v4l2_dv_timings()
        for name, value in asdict(timings).items():
            setattr(wanted.bt, name, value)
        self._ioctl(raw.IOC.S_DV_TIMINGS, wanted)

    def set_format(self, wanted: PixelFormat) -> PixelFormat:
        """Ask for a format; what the driver made of it."""
        asked = raw.v4l2_format(type=_CAPTURE)
        pix = asked.fmt.pix
        pix.width, pix.height, pix.bytesperline = wanted.width, wanted.height, wanted.bytesperline
        pix.pixelformat = int.from_bytes(wanted.fourcc.encode("ascii"), "little")
        pix.field = raw.Field.NONE
        got = self._ioctl(raw.IOC.S_FMT, asked).fmt.pix
        fourcc = got.pixelformat.to_bytes(4, "little").decode("ascii", "replace")
        return PixelFormat(got.width, got.height, fourcc, got.bytesperline, got.sizeimage)

    def request_buffers(self, count: int) -> int:
        """Allocate buffers, 0 to free them; how many there are."""
        wanted = raw.v4l2_requestbuffers(count=count, type=_CAPTURE, memory=_MMAP)
        return int(self._ioctl(raw.IOC.REQBUFS, wanted).count)

    def export(self, index: int) -> int:
        """A new DMABUF descriptor of one buffer; the caller closes it."""
        wanted = raw.v4l2_exportbuffer(type=_CAPTURE, index=index, flags=os.O_RDWR | os.O_CLOEXEC)
        return int(self._ioctl(raw.IOC.EXPBUF, wanted).fd)

    def queue(self, index: int) -> None:
        """Give a buffer to the driver."""
        self._ioctl(raw.IOC.QBUF, raw.v4l2_buffer(index=index, type=_CAPTURE, memory=_MMAP))

    def dequeue(self) -> tuple[RawFrame, bool] | None:
        """The buffer that was filled first and whether the driver calls it damaged; None when none is filled."""
        try:
            buffer = self._ioctl(raw.IOC.DQBUF, raw.v4l2_buffer(type=_CAPTURE, memory=_MMAP))
        except BlockingIOError:
            return None
        captured = buffer.timestamp.secs * 1_000_000 + buffer.timestamp.usecs
        frame = RawFrame(buffer.index, buffer.bytesused, captured, buffer.sequence)
        return frame, bool(buffer.flags & raw.BufferFlag.ERROR)

    def stream(self, on: bool) -> None:
        """Start or stop the stream; stopping takes every buffer from the driver."""
        kind = raw.cint(_CAPTURE)
        self._ioctl(raw.IOC.STREAMON if on else raw.IOC.STREAMOFF, kind)

    def subscribe_source_change(self) -> None:
        """Have changes of the source announced."""
        self._ioctl(raw.IOC.SUBSCRIBE_EVENT, raw.v4l2_event_subscription(type=raw.EventType.SOURCE_CHANGE))

    def source_changed(self) -> bool:
        """Take all pending events; whether the source's resolution changed."""
        changed = False
        while True:
            event = raw.v4l2_event()
            try:
                self._ioctl(raw.IOC.DQEVENT, event)
            except FileNotFoundError:  # ENOENT: no more
                return changed
            changed |= event.type == raw.EventType.SOURCE_CHANGE
