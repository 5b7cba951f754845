"""Makes the card's data partition, and the file system that is mounted from it, as large as the card.

Every step finds out what is left to do, so that a power cut between any two of them costs nothing but the next start's time.
Source: include/uapi/linux/blkpg.h, fs/ext4/ioctl.c.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct
from pathlib import Path

from app.card.table import DATA, SECTOR, Growth, growth

_BLKGETSIZE64 = 0x80081272
_BLKPG = 0x1269
_BLKPG_RESIZE_PARTITION = 3
_EXT4_IOC_RESIZE_FS = 0x40086610


class _Partition(ctypes.Structure):
    """struct blkpg_partition; start and length are in bytes."""

    _fields_ = (
        ("start", ctypes.c_longlong),
        ("length", ctypes.c_longlong),
        ("number", ctypes.c_int),
        ("names", ctypes.c_char * 128),
    )


class _Request(ctypes.Structure):
    """struct blkpg_ioctl_arg."""

    _fields_ = (("op", ctypes.c_int), ("flags", ctypes.c_int), ("size", ctypes.c_int), ("data", ctypes.c_void_p))


class Disk:
    """The card as a block device. Methods raise OSError."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def close(self) -> None:
        """Close the device."""
        os.close(self._descriptor)

    def read(self, sector: int) -> bytes:
        """One sector."""
        return os.pread(self._descriptor, SECTOR, sector * SECTOR)

    def grow_partition(self) -> Growth:
        """Write what is missing in the table, each sector for good before the next, and tell the kernel. Raises TableError."""
        found = growth(self.read, self._sectors())
        for write in found.writes:
            os.pwrite(self._descriptor, write.content, write.sector * SECTOR)
            os.fsync(self._descriptor)
        partition = _Partition(found.start * SECTOR, found.size * SECTOR, DATA)
        request = _Request(_BLKPG_RESIZE_PARTITION, 0, ctypes.sizeof(partition), ctypes.addressof(partition))
        fcntl.ioctl(self._descriptor, _BLKPG, request)
        return found

    def _sectors(self) -> int:
        size = bytearray(8)
        fcntl.ioctl(self._descriptor, _BLKGETSIZE64, size)
        (count,) = struct.unpack("=Q", size)
        return int(count) // SECTOR


def grow_file_system(mount: Path, size: int) -> None:
    """Let the ext4 mounted there have so many bytes; the kernel journals it, and does nothing when it has them. Raises OSError."""
    folder = os.open(mount, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        blocks = size // os.fstatvfs(folder).f_frsize
        fcntl.ioctl(folder, _EXT4_IOC_RESIZE_FS, struct.pack("=Q", blocks))
    finally:
        os.close(folder)


def disk_of(mount: Path, sys: Path = Path("/sys")) -> Path | None:
    """The device node of the whole disk that `mount` is the data partition of; None where it is no such thing."""
    number = mount.stat().st_dev
    partition = (sys / "dev" / "block" / f"{os.major(number)}:{os.minor(number)}").resolve()
    try:
        found = int((partition / "partition").read_text())
    except FileNotFoundError:
        return None
    return Path("/dev") / partition.parent.name if found == DATA else None
