"""What is known of a disk before it is overwritten, and whether it may be. Pure; `kernel` finds it out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disk:
    """A block device, as the kernel describes it."""

    path: str
    """As it was asked for."""
    name: str
    """The kernel's, such as `sdb` or `mmcblk0p1`."""
    part_of: str
    """The disk that it is a partition of, or empty."""
    size: int
    """Bytes."""
    sector: int
    """Bytes of a logical block."""
    removable: bool
    read_only: bool
    uses: tuple[str, ...]
    """Who uses it or a part of it, in words."""
    model: str = ""

    def __str__(self) -> str:
        """One line that tells it from the others."""
        kind = "removable" if self.removable else "NOT removable"
        return f"{self.path}: {self.model or 'disk without a name'}, {gibibytes(self.size)}, {kind}"


def refusal(disk: Disk, image: int) -> str:
    """Why an image of so many bytes is not written to the disk, or nothing."""
    faults = (
        (disk.part_of, f"is a partition, expected the whole disk: /dev/{disk.part_of}"),
        (disk.size == 0, f"has no medium, expected one of at least {gibibytes(image)}: is the card in?"),
        (disk.uses, f"is in use: {'; '.join(disk.uses)}; expected a disk that nobody uses: unmount it first"),
        (disk.read_only, "is read-only, expected a writable disk: is the card's switch on LOCK?"),
        (disk.size < image, f"has {gibibytes(disk.size)}, expected at least {gibibytes(image)}"),
        (image % disk.sector, f"has sectors of {disk.sector} bytes, expected some that divide the image's {image}"),
    )
    return next((f"{disk.path} {words}" for wrong, words in faults if wrong), "")


def gibibytes(size: int) -> str:
    """Bytes for people."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.0f} MiB"
