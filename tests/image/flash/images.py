"""Images as `make image` leaves them, small."""

from __future__ import annotations

import functools
import hashlib
import random
import subprocess
from pathlib import Path


@functools.cache
def content(size: int) -> bytes:
    """Bytes of which no place is like another."""
    return random.Random(size).randbytes(size)


def packed(path: Path) -> Path:
    """The file compressed, with the checksum beside it."""
    subprocess.run(["zstd", "-q", "-f", path], check=True)
    return summed(path.with_name(f"{path.name}.zst"))


def summed(path: Path) -> Path:
    """The file, now with its checksum beside it."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name(f"{path.name}.sha256").write_text(f"{digest}  {path.name}\n")
    return path


def image(folder: Path, size: int) -> tuple[Path, bytes]:
    """A compressed image of so many bytes, and what it holds."""
    plain = folder / "card.img"
    plain.write_bytes(content(size))
    return packed(plain), plain.read_bytes()
