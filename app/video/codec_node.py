"""A stateful V4L2 memory-to-memory encoder: the board's (bcm2835-codec), or any other with the same ioctls.

Structures and numbers are linuxpy's, generated from the kernel's videodev2.h.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from linuxpy.video import raw as v4l2

from app.video.codec import Coded, Control
from app.video.frame import PixelFormat
from app.video.queue import Buffer, Queue, characters

_CONTROLS: dict[Control, int] = {
    "profile": v4l2.ControlID.MPEG_VIDEO_H264_PROFILE,
    "level": v4l2.ControlID.MPEG_VIDEO_H264_LEVEL,
    "bitrate_mode": v4l2.ControlID.MPEG_VIDEO_BITRATE_MODE,
    "bitrate": v4l2.ControlID.MPEG_VIDEO_BITRATE,
    "gop": v4l2.ControlID.MPEG_VIDEO_GOP_SIZE,
    "i_period": v4l2.ControlID.MPEG_VIDEO_H264_I_PERIOD,
    "header_mode": v4l2.ControlID.MPEG_VIDEO_HEADER_MODE,
    "repeat_header": v4l2.ControlID.MPEG_VIDEO_REPEAT_SEQ_HEADER,
    "force_key": v4l2.ControlID.MPEG_VIDEO_FORCE_KEY_FRAME,
}
_M2M = v4l2.Capability.VIDEO_M2M | v4l2.Capability.VIDEO_M2M_MPLANE


class CodecNode:
    """Implements `app.video.codec.Codec`.

    Args:
        path: its node.

    Raises:
        OSError: it cannot be opened; ENOTTY if it is not a memory-to-memory node.
    """

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            found = self._ioctl(v4l2.IOC.QUERYCAP, v4l2.v4l2_capability())
        except OSError:
            os.close(self._fd)
            raise
        if not found.device_caps & _M2M:
            os.close(self._fd)
            raise OSError(errno.ENOTTY, "not a memory-to-memory device")
        self.name = found.card.decode()
        planar = bool(found.device_caps & v4l2.Capability.VIDEO_M2M_MPLANE)
        kinds = v4l2.BufType
        self._raw = Queue(kinds.VIDEO_OUTPUT_MPLANE if planar else kinds.VIDEO_OUTPUT, v4l2.Memory.DMABUF)
        self._coded = Queue(kinds.VIDEO_CAPTURE_MPLANE if planar else kinds.VIDEO_CAPTURE, v4l2.Memory.MMAP)
        self._maps: list[mmap.mmap] = []

    def _ioctl(self, request: int, argument: Any) -> Any:
        fcntl.ioctl(self._fd, request, argument)
        return argument

    def fileno(self) -> int:
        """The node."""
        return self._fd

    def codings(self) -> Sequence[str]:
        """What ENUM_FMT lists for the coded queue."""
        return tuple(self._formats())

    def _formats(self) -> Iterator[str]:
        wanted = v4l2.v4l2_fmtdesc(type=self._coded.kind)
        while True:
            try:
                found = self._ioctl(v4l2.IOC.ENUM_FMT, wanted)
            except OSError as error:
                if error.errno == errno.EINVAL:  # no more
                    return
                raise
            yield characters(found.pixelformat)
            wanted.index += 1

    def set_control(self, control: Control, value: int) -> None:
        """S_CTRL."""
        self._ioctl(v4l2.IOC.S_CTRL, v4l2.v4l2_control(id=_CONTROLS[control], value=value))

    def set_raw_format(self, wanted: PixelFormat) -> PixelFormat:
        """S_FMT with a row length of our own; the bridge converts to BT.601."""
        whole, picture, plane = self._raw.format(wanted.width, wanted.height, wanted.fourcc)
        plane.bytesperline, plane.sizeimage = wanted.bytesperline, wanted.sizeimage
        picture.colorspace = v4l2.Colorspace.SMPTE170M
        self._ioctl(v4l2.IOC.S_FMT, whole)
        fourcc = characters(picture.pixelformat)
        return PixelFormat(picture.width, picture.height, fourcc, plane.bytesperline, plane.sizeimage)

    def set_coded_format(self, coding: str, width: int, height: int, sizeimage: int) -> tuple[str, int]:
        """S_FMT."""
        wanted, picture, plane = self._coded.format(width, height, coding)
        plane.sizeimage = sizeimage
        self._ioctl(v4l2.IOC.S_FMT, wanted)
        return characters(picture.pixelformat), plane.sizeimage

    def set_rate(self, fps: int) -> None:
        """S_PARM, which bcm2835-codec takes for the raw queue only."""
        wanted = v4l2.v4l2_streamparm(type=self._raw.kind)
        wanted.parm.output.timeperframe.numerator, wanted.parm.output.timeperframe.denominator = 1, fps
        self._ioctl(v4l2.IOC.S_PARM, wanted)

    def import_buffers(self, count: int) -> int:
        """REQBUFS for DMABUFs."""
        return self._request(self._raw, count)

    def make_buffers(self, count: int) -> int:
        """REQBUFS, map, QBUF."""
        made = self._request(self._coded, count)
        for buffer in self._coded.buffers:
            self._ioctl(v4l2.IOC.QUERYBUF, buffer.whole)
            self._maps.append(mmap.mmap(self._fd, buffer.length, prot=mmap.PROT_READ, offset=buffer.offset))
            self._ioctl(v4l2.IOC.QBUF, buffer.whole)
        return made

    def _request(self, queue: Queue, count: int) -> int:
        wanted = v4l2.v4l2_requestbuffers(count=count, type=queue.kind, memory=queue.memory)
        made = int(self._ioctl(v4l2.IOC.REQBUFS, wanted).count)
        queue.resize(made)
        return made

    def start(self) -> None:
        """STREAMON, raw first."""
        for queue in (self._raw, self._coded):
            self._ioctl(v4l2.IOC.STREAMON, v4l2.cint(queue.kind))

    def put_raw(self, index: int, dmabuf: int, bytesused: int, captured_us: int) -> None:
        """QBUF. A driver that finds another DMABUF than last time at the index maps it anew."""
        buffer = self._raw.buffers[index]
        buffer.fill(dmabuf, bytesused, captured_us)
        self._ioctl(v4l2.IOC.QBUF, buffer.whole)

    def take_raw(self) -> int | None:
        """DQBUF."""
        taken = self._dequeue(self._raw)
        return None if taken is None else int(taken.whole.index)

    def take_coded(self) -> Coded | None:
        """DQBUF."""
        taken = self._dequeue(self._coded)
        if taken is None:
            return None
        flags = taken.whole.flags
        return Coded(
            taken.whole.index,
            taken.bytesused,
            taken.captured_us,
            key=bool(flags & v4l2.BufferFlag.KEYFRAME),
            damaged=bool(flags & v4l2.BufferFlag.ERROR),
        )

    def _dequeue(self, queue: Queue) -> Buffer | None:
        try:
            self._ioctl(v4l2.IOC.DQBUF, queue.taken.whole)
        except BlockingIOError:
            return None
        return queue.taken

    def read(self, coded: Coded) -> bytes:
        """Out of the mapping."""
        return self._maps[coded.index][: coded.bytesused]

    def give_coded(self, index: int) -> None:
        """QBUF."""
        self._ioctl(v4l2.IOC.QBUF, self._coded.buffers[index].whole)

    def stop(self) -> None:
        """STREAMOFF, unmap, REQBUFS of none; each in any case."""
        with ExitStack() as steps:  # last in, first out
            for queue in (self._coded, self._raw):
                steps.callback(self._request, queue, 0)
            steps.callback(self._unmap)
            for queue in (self._coded, self._raw):
                steps.callback(self._ioctl, v4l2.IOC.STREAMOFF, v4l2.cint(queue.kind))

    def close(self) -> None:
        """Close it; the kernel frees what is left."""
        self._unmap()
        os.close(self._fd)

    def _unmap(self) -> None:
        for mapping in self._maps:
            mapping.close()
        self._maps.clear()
