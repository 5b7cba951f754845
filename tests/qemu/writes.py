"""Every write to a card, as QEMU's `blklogwrites` logged it, and the card as it was at any moment in between.

The log's format is the kernel's, of dm-log-writes (Documentation/admin-guide/device-mapper/log-writes.rst): a first sector with
magic, version, number of entries and sector size; then, for each write, a sector with its place and flags, and its data.
"""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SECTOR = 512
_SUPER = struct.Struct("<QQQI")
_ENTRY = struct.Struct("<QQQQ")  # sector, sectors, flags, length of inline data
_MAGIC = 0x6A736677736872
_FLUSH, _DISCARD = 1, 4


@dataclass(frozen=True, slots=True)
class Write:
    """One entry: bytes at an offset; a flush before it, or nothing but a flush."""

    flush: bool
    offset: int
    log: int
    length: int
    """Where its data is in the log, and how much."""


def logged(path: Path) -> list[Write]:
    """The entries in their order. Raises ValueError: not such a log."""
    found: list[Write] = []
    with path.open("rb") as log:
        magic, _version, count, sector = _SUPER.unpack_from(log.read(SECTOR))
        if (magic, sector) != (_MAGIC, SECTOR):
            raise ValueError(f"{path} is not a log of writes")
        position = SECTOR
        for _entry in range(count):
            log.seek(position)
            start, sectors, flags, _ = _ENTRY.unpack_from(log.read(SECTOR))
            length = 0 if flags & _DISCARD else sectors * SECTOR
            found.append(Write(bool(flags & _FLUSH), start * SECTOR, position + SECTOR, length))
            position += SECTOR + length
    return found


class Replay:
    """Goes through a log once, on a copy of the card as it was before.

    Args:
        card: the copy; it ends as the card was at the last point asked for.
        log: the log's file.
    """

    def __init__(self, card: Path, log: Path) -> None:
        self.writes = logged(log)
        self._log = log.open("rb")
        self._card = card
        self._applied = 0

    def close(self) -> None:
        """Close the log."""
        self._log.close()

    def windows(self) -> Iterator[tuple[int, int]]:
        """Between two flushes: the numbers of the first write and the one behind the last. A drive may do these in any order."""
        begin = 0
        for number, write in enumerate(self.writes):
            if write.flush:
                yield begin, number
                begin = number
        yield begin, len(self.writes)

    def settle(self, number: int) -> None:
        """Apply every write before that number."""
        self.apply(self._card, self.writes[self._applied : number])
        self._applied = max(self._applied, number)

    def apply(self, card: Path, writes: Sequence[Write]) -> None:
        """Apply these to any copy of the card."""
        with card.open("r+b") as disk:
            for write in writes:
                data = os.pread(self._log.fileno(), write.length, write.log)
                os.pwrite(disk.fileno(), data, write.offset)


def shuffled(writes: Sequence[Write], dice: random.Random) -> list[Write]:
    """What a drive with a cache may have done of them when the power went: some, in some order."""
    return dice.sample(writes, dice.randint(0, len(writes)))
