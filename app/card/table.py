"""The card's partition table, and what has to be written for its last partition to reach the card's end.

Pure. A table of the MBR kind: four entries in sector 0, one of them extended; a logical partition has a sector of its own with
two entries, itself (its start counts from that sector) and the next such sector (counts from the extended partition's start).
Source: the kernel's block/partitions/msdos.c; sfdisk(8) reads the same.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace

SECTOR = 512
DISK_ID = 0x494B564D
"""The image's own: no other table is touched."""
DATA = 7
"""The number of the partition that grows."""
_ENTRY = struct.Struct("<B3sB3sII")  # flag, CHS of the first sector, type, CHS of the last, start, sectors
_ENTRIES = 446
_SIGNATURE = b"\x55\xaa"
_EXTENDED = frozenset({0x05, 0x0F, 0x85})
_BEYOND = b"\xfe\xff\xff"
"""What stands for an end that cylinders, heads and sectors cannot say."""
_ALIGNED = 2048
_MOST = 1 << 32
"""Sectors that a table of this kind can name: 2 TiB."""


class TableError(Exception):
    """The table is not one that the image was made with; the words say what is there instead."""


@dataclass(frozen=True, slots=True)
class Write:
    """One sector to replace: writing it is one step that happens or does not."""

    sector: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Growth:
    """What to do: `writes` in their order, after which the data partition has this place, in sectors."""

    writes: tuple[Write, ...]
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class _Entry:
    flag: int
    first: bytes
    kind: int
    last: bytes
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class _Link:
    """A logical partition's sector: where it is, what is in it, its two entries."""

    sector: int
    content: bytes
    itself: _Entry
    next: _Entry


def growth(read: Callable[[int], bytes], sectors: int) -> Growth:
    """What makes the data partition reach the end of a card of so many sectors; no writes when it does already.

    The outer partition first, the data partition last: after any number of the writes the table is valid, and this
    function finds what remains. A card that is smaller than the table says is left as it is.

    Args:
        read: one sector by its number.
        sectors: of the whole card.

    Raises:
        TableError: the table is not the image's.
    """
    mbr = read(0)
    if mbr[-2:] != _SIGNATURE:
        raise TableError("sector 0 holds no partition table")
    (disk_id,) = struct.unpack_from("<I", mbr, 440)
    if disk_id != DISK_ID:
        raise TableError(f"the disk's id is {disk_id:08x}, expected {DISK_ID:08x}")
    outer = _entry(mbr, 3)
    if outer.kind not in _EXTENDED:
        raise TableError(f"partition 4 has type {outer.kind:02x}, expected an extended one")
    links = _links(read, outer)
    if len(links) != DATA - 4:
        raise TableError(f"there are {len(links)} logical partitions, expected {DATA - 4}")
    before, data = links[-2], links[-1]
    end = min(sectors, _MOST) // _ALIGNED * _ALIGNED
    start = data.sector + data.itself.start
    end = max(start + data.itself.size, end)
    wanted = (
        (0, mbr, 3, replace(outer, last=_BEYOND, size=end - outer.start)),
        (before.sector, before.content, 1, replace(before.next, last=_BEYOND, size=end - data.sector)),
        (data.sector, data.content, 0, replace(data.itself, last=_BEYOND, size=end - start)),
    )
    writes = tuple(
        Write(sector, _with(content, index, entry))
        for sector, content, index, entry in wanted
        if _entry(content, index).size < entry.size
    )
    return Growth(writes, start, end - start)


def _links(read: Callable[[int], bytes], outer: _Entry) -> list[_Link]:
    """The chain of logical partitions, in the order of their numbers."""
    found: list[_Link] = []
    sector = outer.start
    while True:
        content = read(sector)
        if content[-2:] != _SIGNATURE:
            raise TableError(f"sector {sector} holds no logical partition")
        link = _Link(sector, content, _entry(content, 0), _entry(content, 1))
        found.append(link)
        if link.next.size == 0:
            return found
        if outer.start + link.next.start <= sector:
            raise TableError(f"the partition after sector {sector} lies before it")
        sector = outer.start + link.next.start


def _entry(content: bytes, index: int) -> _Entry:
    return _Entry(*_ENTRY.unpack_from(content, _ENTRIES + index * _ENTRY.size))


def _with(content: bytes, index: int, entry: _Entry) -> bytes:
    changed = bytearray(content)
    values = (entry.flag, entry.first, entry.kind, entry.last, entry.start, entry.size)
    _ENTRY.pack_into(changed, _ENTRIES + index * _ENTRY.size, *values)
    return bytes(changed)
