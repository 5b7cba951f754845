"""Root's one-shot after everything else: `python3 -m app.card MOUNT` grows the data partition mounted there."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from app.card.grow import Disk, disk_of, grow_file_system
from app.card.table import SECTOR, TableError


def main(arguments: Sequence[str]) -> int:
    """Grow what can grow, and say so; the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m app.card", description="Grows the card's data partition.")
    parser.add_argument("mount", type=Path, help="where it is mounted")
    mount = parser.parse_args(arguments).mount
    try:
        path = disk_of(mount)
        if path is None:
            print(f"card: {mount} is not on the card: nothing grows")
            return 0
        before = _size(mount)
        with closing(Disk(path)) as disk:
            found = disk.grow_partition()
        grow_file_system(mount, found.size * SECTOR)
    except (OSError, TableError) as error:
        print(f"card: the data partition stays as large as it is: {error}", file=sys.stderr)
        return 1
    after = _size(mount)
    if after != before:
        print(f"card: {mount} grew from {before >> 20} to {after >> 20} MiB")
    return 0


def _size(mount: Path) -> int:
    found = os.statvfs(mount)
    return found.f_blocks * found.f_frsize


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
