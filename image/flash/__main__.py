"""`python3 -m image.flash DISK`: writes the image to a card and reads it back."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TextIO

from image.flash.archive import Archive
from image.flash.card import Card
from image.flash.disk import Disk, refusal
from image.flash.errors import BadImage, CardFailed, FlashError, NotThisDisk
from image.flash.kernel import Kernel, device_number
from image.flash.progress import Progress

INTERRUPTED = 130


def main(arguments: list[str], kernel: Kernel, answers: TextIO, say: TextIO) -> int:
    """Flash a card; returns the exit status. `answers` is where a name is typed back, `say` where the words go."""
    options = _parser().parse_args(arguments)

    def tell(words: str) -> None:
        print(words, file=say, flush=True)

    try:
        if options.disk is None:
            raise NotThisDisk(_missing(kernel))
        archive = Archive(options.image)
        number = device_number(options.disk)
        disk = kernel.disk(options.disk, number)
        if why := refusal(disk, archive.size):
            raise NotThisDisk(why)
        archive.check()
        tell(f"{disk}; everything on it is replaced by {options.image.name}")
        _confirm(disk, answers, tell)
        return _flash(archive, Card(options.disk, number), say, tell)
    except FlashError as error:
        tell(f"flash: {error}; nothing was written")
        return 1
    except KeyboardInterrupt:
        tell("\nflash: interrupted; nothing was written")
        return INTERRUPTED


def _flash(archive: Archive, card: Card, say: TextIO, tell: Callable[[str], None]) -> int:
    written = False

    def progress(doing: str) -> Callable[[int], None]:
        return Progress(doing, archive.size, say, time.monotonic).told

    try:
        with closing(archive.chunks()) as chunks:
            digests = card.write(chunks, progress("writing"))
        written = True
        card.compare(digests, archive.size, progress("reading back"))
    except (KeyboardInterrupt, BadImage, CardFailed) as stopped:
        state = "is written, but not checked" if written else "is blank at its start, so that nothing starts from it"
        tell(f"\nflash: {str(stopped) or 'interrupted'}\nflash: the card {state}; flash it again")
        return INTERRUPTED if isinstance(stopped, KeyboardInterrupt) else 1
    tell("flash: the card holds the image, as read back from it; it can be taken out")
    return 0


def _confirm(disk: Disk, answers: TextIO, tell: Callable[[str], None]) -> None:
    """A disk that cannot be taken out may be this machine's own: whoever means it types its name. Raises NotThisDisk."""
    if disk.removable:
        return
    tell(f"type {disk.path} to overwrite this disk, which is not a removable one:")
    answer = answers.readline().strip()
    if answer != disk.path:
        raise NotThisDisk(f"the answer is {answer!r}, expected {disk.path!r}")


def _missing(kernel: Kernel) -> str:
    found = [str(disk) for disk in kernel.removable_disks()] or ["none is connected"]
    return "\n  ".join(["no disk is named, expected DEV=/dev/NAME with a removable disk:", *found])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m image.flash", description="Writes an image to a card and reads it back."
    )
    parser.add_argument("disk", nargs="?", type=Path, help="a whole disk, such as /dev/sdb")
    image = Path("dist/inkvm-raspberrypi.img.zst")
    parser.add_argument("--image", type=Path, default=image, help=f"with its checksum beside it; {image}")
    return parser


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:], Kernel(), sys.stdin, sys.stderr))
