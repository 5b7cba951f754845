"""Reads a DMABUF on the CPU. Nothing on the way of the live picture does."""

from __future__ import annotations

import errno
import fcntl
import mmap
import struct
from typing import Final

# Source: include/uapi/linux/dma-buf.h
_SYNC: Final = 0x40086200  # _IOW('b', 0, __u64)
_READ: Final = 1
_END: Final = 1 << 2


def read(descriptor: int, size: int) -> bytes:
    """The first `size` bytes of the buffer. On the board its memory is uncached: tens of milliseconds for a frame. Raises OSError."""
    with mmap.mmap(descriptor, size, prot=mmap.PROT_READ) as mapping:
        _sync(descriptor, _READ)
        try:
            return mapping[:]
        finally:
            _sync(descriptor, _READ | _END)


def _sync(descriptor: int, flags: int) -> None:
    """Tell the exporter that the CPU begins or ends to read, so that caches agree."""
    try:
        fcntl.ioctl(descriptor, _SYNC, struct.pack("=Q", flags))
    except OSError as error:
        if error.errno != errno.ENOTTY:  # ordinary memory, as the simulation's, needs no such word
            raise
