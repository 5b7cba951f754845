"""Block devices as Linux describes them: sysfs for what they are, procfs for who uses them."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from image.flash.disk import Disk
from image.flash.errors import NotThisDisk

SECTOR = 512
"""Bytes of the unit in which sysfs counts, whatever the disk's own is."""


def device_number(path: Path) -> int:
    """What the kernel knows the block device by. Raises NotThisDisk."""
    try:
        found = path.stat()
    except OSError as error:
        raise NotThisDisk(f"{path}: {error.strerror}; expected a disk such as /dev/sdb") from error
    if not stat.S_ISBLK(found.st_mode):
        raise NotThisDisk(f"{path} is not a block device, expected a disk such as /dev/sdb")
    return found.st_rdev


class Kernel:
    """Answers from `/sys` and `/proc`, wherever they are."""

    def __init__(self, sys: Path = Path("/sys"), proc: Path = Path("/proc")) -> None:
        """The folders exist; nothing is read yet."""
        self._sys = sys
        self._proc = proc

    def disk(self, path: Path, number: int) -> Disk:
        """Describe the block device with that number. Raises NotThisDisk when the kernel has none."""
        link = self._sys / "dev/block" / f"{os.major(number)}:{os.minor(number)}"
        if not link.exists():
            raise NotThisDisk(f"{path} has no entry in {self._sys}, expected a disk that the kernel knows")
        node = link.resolve()
        partition = (node / "partition").exists()
        whole = node.parent if partition else node
        return Disk(
            path=str(path),
            name=node.name,
            part_of=whole.name if partition else "",
            size=int(_word(node / "size") or 0) * SECTOR,
            sector=int(_word(whole / "queue/logical_block_size") or SECTOR),
            # A card in a slot of its own is not "removable" to the kernel: the slot says what is in it.
            removable=_word(whole / "removable") == "1" or _word(whole / "device/type") == "SD",
            read_only=_word(node / "ro") == "1",
            uses=tuple(self._uses(whole)),
            model=" ".join(filter(None, (_word(whole / f"device/{file}") for file in ("vendor", "model", "name")))),
        )

    def removable_disks(self) -> Iterator[Disk]:
        """Those that somebody may have meant."""
        for entry in sorted((self._sys / "block").iterdir()):
            major, _, minor = _word(entry / "dev").partition(":")
            disk = self.disk(Path("/dev") / entry.name, os.makedev(int(major), int(minor)))
            if disk.removable and disk.size:
                yield disk

    def _uses(self, whole: Path) -> Iterator[str]:
        """Mounts, swap and what is built on top (device mapper, RAID), of the disk and of its partitions."""
        for node in (whole, *sorted(path.parent for path in whole.glob("*/partition"))):
            for place in self._mounts(node.name, _word(node / "dev")):
                yield f"{node.name} is mounted on {place}"
            if self._is_swap(node.name):
                yield f"{node.name} is swap space"
            for holder in sorted(node.glob("holders/*")):
                yield f"{node.name} is part of {holder.name}"

    def _mounts(self, name: str, number: str) -> Iterator[str]:
        """By number, and by name for file systems that have a number of their own (btrfs); see proc_pid_mountinfo(5)."""
        for line in (self._proc / "self/mountinfo").read_text("utf-8").splitlines():
            fields, _, source = line.partition(" - ")
            _, _, mounted, _, place, *_ = fields.split(" ")
            if mounted == number or Path(source.split(" ")[1]).name == name:
                yield re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), place)

    def _is_swap(self, name: str) -> bool:
        rows = (self._proc / "swaps").read_text("utf-8").splitlines()[1:]
        return any(Path(row.split(" ", 1)[0]).name == name for row in rows)


def _word(file: Path) -> str:
    """A file of sysfs with one value; nothing where the kernel has none."""
    try:
        return file.read_text("utf-8").strip()
    except FileNotFoundError:
        return ""
