"""The card itself: a block device for this process alone, past the page cache, so that what is read is what it holds."""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from image.flash.archive import CHUNK
from image.flash.errors import CardFailed, NotThisDisk


class Card:
    """One disk. `number` is what the kernel described, lest another one has taken its name since."""

    def __init__(self, path: Path, number: int) -> None:
        """Open nothing yet."""
        self._path = path
        self._number = number
        # Direct transfers want aligned memory, which a mapping is.
        self._buffer = mmap.mmap(-1, CHUNK)

    def write(self, chunks: Iterable[bytes], done: Callable[[int], None]) -> list[bytes]:
        """Write the chunks one after the other; returns the digest of each.

        The first, with the partition table, is blank until all others are on the card for good: whatever is interrupted
        leaves a card that nothing starts from. `done` is told how many bytes are through.

        Raises:
            NotThisDisk: it is in use after all; nothing was written.
            CardFailed: it does not take the data.
        """
        digests = []
        with self._open(os.O_WRONLY) as card:
            at = 0
            first = b""
            for chunk in chunks:
                digests.append(_digest(chunk))
                if at == 0:
                    first = chunk
                self._put(card, at, bytes(len(chunk)) if at == 0 else chunk)
                at += len(chunk)
                done(at)
            self._sync(card)
            self._put(card, 0, first)
            self._sync(card)
        return digests

    def compare(self, digests: Iterable[bytes], size: int, done: Callable[[int], None]) -> None:
        """Read `size` bytes back. Raises CardFailed at the first chunk that is not what its digest says."""
        with self._open(os.O_RDONLY) as card:
            for index, digest in enumerate(digests):
                at = index * CHUNK
                if _digest(self._get(card, at, min(CHUNK, size - at))) != digest:
                    raise CardFailed(
                        f"{self._path} does not hold what was written to it, from byte {at} on: the card or its reader is "
                        "broken, or smaller than it says; use another"
                    )
                done(min(at + CHUNK, size))

    @contextmanager
    def _open(self, mode: int) -> Iterator[int]:
        """Alone: O_EXCL on a disk fails while it or a partition of it is in use, by whomever."""
        try:
            card = os.open(self._path, mode | os.O_EXCL | os.O_DIRECT | os.O_CLOEXEC)
        except PermissionError as error:
            raise NotThisDisk(f"{self._path}: {error.strerror}; writing a disk takes root: sudo make flash") from error
        except OSError as error:
            raise NotThisDisk(f"{self._path}: {error.strerror}; expected a disk that nobody uses") from error
        try:
            if os.fstat(card).st_rdev != self._number:
                raise NotThisDisk(f"{self._path} is another disk than a moment ago, expected the same")
            yield card
        finally:
            os.close(card)

    def _put(self, card: int, at: int, data: bytes) -> None:
        self._buffer[: len(data)] = data
        written = 0
        try:
            while written < len(data):
                written += os.pwrite(card, memoryview(self._buffer)[written : len(data)], at + written)
        except OSError as error:
            raise CardFailed(f"{self._path} cannot be written at byte {at + written}: {error.strerror}") from error

    def _get(self, card: int, at: int, length: int) -> bytes:
        read = 0
        try:
            while read < length:
                count = os.preadv(card, [memoryview(self._buffer)[read:length]], at + read)
                if count == 0:
                    raise CardFailed(f"{self._path} ends at byte {at + read}")
                read += count
        except OSError as error:
            raise CardFailed(f"{self._path} cannot be read at byte {at + read}: {error.strerror}") from error
        return self._buffer[:length]

    def _sync(self, card: int) -> None:
        try:
            os.fsync(card)
        except OSError as error:
            raise CardFailed(f"{self._path} did not keep what was written to it: {error.strerror}") from error


def _digest(chunk: bytes) -> bytes:
    return hashlib.sha256(chunk).digest()
