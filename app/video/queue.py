"""A V4L2 queue's structures, made once and used for every frame; single-planar or multi-planar with one plane.

They are linuxpy's, generated from the kernel's videodev2.h. Nothing here calls the kernel.
"""

from __future__ import annotations

import ctypes
from typing import Any

from linuxpy.video import raw as v4l2


class Buffer:
    """One v4l2_buffer, and its plane if it has one.

    Args:
        kind: the queue's v4l2_buf_type.
        memory: its v4l2_memory.
        planar: whether sizes, offset and descriptor stand in a v4l2_plane of their own.
        index: of the buffer; for DQBUF the kernel fills it in.
    """

    def __init__(self, kind: int, memory: int, planar: bool, index: int = 0) -> None:
        self.whole = v4l2.v4l2_buffer(type=kind, memory=memory, index=index, field=v4l2.Field.NONE)
        self._part = self.whole
        if planar:
            self._part = v4l2.v4l2_plane()
            self.whole.m.planes = ctypes.pointer(self._part)
            self.whole.length = 1

    @property
    def bytesused(self) -> int:
        """Bytes of content."""
        return int(self._part.bytesused)

    @property
    def length(self) -> int:
        """Bytes of room."""
        return int(self._part.length)

    @property
    def offset(self) -> int:
        """What mmap takes, after QUERYBUF."""
        part = self._part.m
        return int(part.offset if self._part is self.whole else part.mem_offset)

    def fill(self, dmabuf: int, bytesused: int, captured_us: int) -> None:
        """Name the DMABUF to import, all of whose bytes are used, and its time stamp in microseconds."""
        self._part.m.fd = dmabuf
        self._part.bytesused = self._part.length = bytesused
        self.whole.timestamp.secs, self.whole.timestamp.usecs = divmod(captured_us, 1_000_000)

    @property
    def captured_us(self) -> int:
        """The time stamp in microseconds."""
        stamp = self.whole.timestamp
        return int(stamp.secs * 1_000_000 + stamp.usecs)


class Queue:
    """One queue of a node: what to ask the kernel with.

    Args:
        kind: v4l2_buf_type; a multi-planar one makes the rest so.
        memory: v4l2_memory.
    """

    def __init__(self, kind: int, memory: int) -> None:
        self.kind = v4l2.BufType(kind)
        self.memory = memory
        self._planar = self.kind.name.endswith("_MPLANE")
        self.buffers: list[Buffer] = []
        self.taken = self._buffer(0)
        """For DQBUF."""

    def resize(self, count: int) -> None:
        """There are so many buffers now."""
        self.buffers = [self._buffer(index) for index in range(count)]

    def format(self, width: int, height: int, fourcc: str) -> tuple[Any, Any, Any]:
        """A v4l2_format, and in it the picture's part and the (only) plane's, which may be the same."""
        whole = v4l2.v4l2_format(type=self.kind)
        picture = whole.fmt.pix_mp if self._planar else whole.fmt.pix
        picture.width, picture.height, picture.field = width, height, v4l2.Field.NONE
        picture.pixelformat = int.from_bytes(fourcc.encode(), "little")
        if not self._planar:
            return whole, picture, picture
        picture.num_planes = 1
        return whole, picture, picture.plane_fmt[0]

    def _buffer(self, index: int) -> Buffer:
        return Buffer(self.kind, self.memory, self._planar, index)


def characters(pixelformat: int) -> str:
    """A format's name from its number."""
    return pixelformat.to_bytes(4, "little").decode("ascii", "replace")
