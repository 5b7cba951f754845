"""A card that stays in its slot, seen from outside: flashing it, its partitions, and what is kept on the data partition."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.card.table import DATA, SECTOR, growth
from tests.image.test_firmware import partitions
from tests.qemu.machine import unpacked

ROOT_A = 5
SIZE = 4 << 30
"""Bytes of a card: twice the image, so that there is something to grow into."""


def flashed(path: Path, size: int = SIZE) -> Path:
    """A fresh card at `path`: the image, and nothing behind it."""
    subprocess.run(["cp", "--sparse=always", unpacked(), path], check=True)
    os.truncate(path, size)
    return path


def place(card: Path, number: int) -> tuple[int, int]:
    """Where a partition is, in bytes: start and size. That of the data partition as the card's own table says."""
    start, size, _kind = partitions()[number]
    if number == DATA:
        with card.open("rb") as disk:
            # Of a card without space there is nothing to write, and the place is the one it has.
            found = growth(lambda sector: os.pread(disk.fileno(), SECTOR, sector * SECTOR), sectors=0)
        start, size = found.start, found.size
    return start * SECTOR, size * SECTOR


def content(card: Path, number: int) -> Iterator[bytes]:
    """A partition in pieces of 1 MiB."""
    start, size = place(card, number)
    with card.open("rb") as disk:
        disk.seek(start)
        for _piece in range(size >> 20):
            yield disk.read(1 << 20)


def same(card: Path, other: Path, number: int) -> bool:
    """Whether a partition has the same bytes on both cards."""
    return all(mine == theirs for mine, theirs in zip(content(card, number), content(other, number), strict=True))


def hollow(card: Path, number: int) -> None:
    """Take a partition's content off a card of which many copies are made; `filled` puts the image's back."""
    start, size = place(card, number)
    subprocess.run(["fallocate", "--punch-hole", f"--offset={start}", f"--length={size}", card], check=True)


def filled(card: Path, number: int) -> None:
    """Put the image's own content of a partition back."""
    start, _size = place(card, number)
    command = ["dd", f"if={unpacked()}", f"of={card}", "bs=1M", "conv=notrunc,sparse", "status=none"]
    command += ["iflag=skip_bytes,count_bytes", f"skip={start}", f"count={place(unpacked(), number)[1]}"]
    subprocess.run([*command, "oflag=seek_bytes", f"seek={start}"], check=True)


def strangers(data: Path) -> list[str]:
    """Names of the files below a mounted data partition's `tls` that are not the daemon's, who then cannot read them.

    A draft that was cut off is nobody's to read: whoever makes the next one takes it away first.
    """
    return [path.name for path in data.glob("tls/[!.]*") if path.stat().st_uid != data.stat().st_uid]


def extracted(card: Path, number: int, target: Path) -> Path:
    """A copy of one partition in a file of its own."""
    start, size = place(card, number)
    with card.open("rb") as source, target.open("wb") as copy:
        copy.truncate(size)
        position = start
        while True:
            try:
                position = os.lseek(source.fileno(), position, os.SEEK_DATA)
            except OSError:
                break  # nothing but holes follows
            if position >= start + size:
                break
            end = min(os.lseek(source.fileno(), position, os.SEEK_HOLE), start + size)
            position += os.copy_file_range(source.fileno(), copy.fileno(), end - position, position, position - start)
    return target


@contextmanager
def mounted(partition: Path) -> Iterator[Path]:
    """An ext4 in a file, mounted: the kernel replays its journal, as on the device."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "ext4", "-o", "loop,noatime", partition, folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def sound(partition: Path) -> str:
    """What e2fsck finds wrong with an ext4 whose journal was replayed; nothing if nothing is."""
    done = subprocess.run(["e2fsck", "-fn", partition], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr
