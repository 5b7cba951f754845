"""One V4L2 device node: the ioctls of a single-plane capture queue, as methods.

Structures and numbers are linuxpy's, generated from the kernel's videodev2.h. Every method raises the kernel's OSError.
"""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from typing import Any

from linuxpy.video import raw

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

    def capability(self) -> Any:
        """The v4l2_capability."""
        return self._ioctl(raw.IOC.QUERYCAP, raw.v4l2_capability())

    def has_dv_timings(self) -> bool:
        """Whether it captures, streams, and its input has DV timings: an HDMI receiver, and no encoder or webcam."""
        wanted = raw.Capability.VIDEO_CAPTURE | raw.Capability.STREAMING
        if self.capability().device_caps & wanted != wanted:
            return False
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

    def query_timings(self) -> Any:
        """The v4l2_dv_timings that the input sees now."""
        return self._ioctl(raw.IOC.QUERY_DV_TIMINGS, raw.v4l2_dv_timings())

    def set_timings(self, timings: Any) -> None:
        """Adopt them; buffers must be freed."""
        self._ioctl(raw.IOC.S_DV_TIMINGS, timings)

    def set_format(self, width: int, height: int, fourcc: int, bytesperline: int) -> Any:
        """Ask for a format; the v4l2_pix_format that the driver made of it."""
        wanted = raw.v4l2_format(type=_CAPTURE)
        pix = wanted.fmt.pix
        pix.width, pix.height, pix.pixelformat, pix.bytesperline = width, height, fourcc, bytesperline
        pix.field = raw.Field.NONE
        return self._ioctl(raw.IOC.S_FMT, wanted).fmt.pix

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

    def dequeue(self) -> Any | None:
        """The v4l2_buffer that was filled first, or None."""
        try:
            return self._ioctl(raw.IOC.DQBUF, raw.v4l2_buffer(type=_CAPTURE, memory=_MMAP))
        except BlockingIOError:
            return None

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
