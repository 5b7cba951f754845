"""The image as a file: whole by its checksum, and unpacked as a stream."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path

from image.flash.errors import BadImage

CHUNK = 4 * 1024 * 1024
"""Bytes that are handled at a time; a card's own units divide it."""
_MAGIC = b"\x28\xb5\x2f\xfd"
_HEADER = 18
"""The most that a frame's header has, in bytes."""


class Archive:
    """`NAME.img` or `NAME.img.zst`, with `NAME...sha256` beside it."""

    def __init__(self, path: Path) -> None:
        """Look at the file. Raises BadImage when it is missing, or does not say how large it is unpacked."""
        self._path = path
        self._packed = path.suffix == ".zst"
        try:
            with path.open("rb") as file:
                self.size = unpacked_size(file.read(_HEADER)) if self._packed else path.stat().st_size
        except FileNotFoundError as error:
            raise BadImage(
                f"image {str(path)!r} is missing: make image first, or name another with IMAGE=FILE"
            ) from error
        except (OSError, ValueError) as error:
            raise BadImage(f"image {str(path)!r} cannot be used: {error}") from error
        if self.size == 0:
            raise BadImage(f"image {str(path)!r} is empty")

    def check(self) -> None:
        """Compare with the checksum beside it. Raises BadImage."""
        beside = Path(f"{self._path}.sha256")
        try:
            lines = [line.split() for line in beside.read_text("utf-8").splitlines()]
            with self._path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except (OSError, UnicodeDecodeError) as error:
            raise BadImage(f"image {str(self._path)!r} cannot be checked: {error}") from error
        if [found, self._path.name] not in lines:
            raise BadImage(
                f"image {str(self._path)!r} has SHA-256 {found}, expected what {beside.name} says: it was damaged or "
                "changed on its way; fetch or build it again"
            )

    def chunks(self) -> Generator[bytes, None, None]:
        """The unpacked image, CHUNK bytes at a time, the last one perhaps less. Raises BadImage, also half-way."""
        left = self.size
        for chunk in self._unpack() if self._packed else self._read():
            left -= len(chunk)
            if left < 0:
                raise BadImage(f"image {str(self._path)!r} is larger than the {self.size} bytes that it says")
            if left and len(chunk) < CHUNK:
                break
            yield chunk
        if left:
            raise BadImage(f"image {str(self._path)!r} ends {left} bytes early")

    def _read(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def _unpack(self) -> Iterator[bytes]:
        command = ["zstd", "--decompress", "--stdout", "--quiet", str(self._path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as unpacking:
            assert unpacking.stdout is not None and unpacking.stderr is not None  # noqa: PT018 - asked for just above
            try:
                while len(chunk := unpacking.stdout.read(CHUNK)) == CHUNK:
                    yield chunk
                if unpacking.wait() != 0:
                    words = unpacking.stderr.read().decode(errors="replace").strip()
                    raise BadImage(f"image {str(self._path)!r} cannot be unpacked: {words}")
                if chunk:
                    yield chunk
            finally:
                unpacking.kill()


def unpacked_size(header: bytes) -> int:
    """Bytes in a Zstandard frame, from its first 18 (RFC 8878, 3.1.1.1). Raises ValueError when they do not say."""
    if len(header) < 5 or not header.startswith(_MAGIC):
        raise ValueError("it is not compressed with zstd")
    descriptor = header[4]
    single, dictionary, kind = bool(descriptor & 0x20), descriptor & 0x03, descriptor >> 6
    start = 5 + (0 if single else 1) + (0, 1, 2, 4)[dictionary]
    width = (1 if single else 0, 2, 4, 8)[kind]
    if width == 0:
        raise ValueError("it does not say how large it is unpacked; compress the file itself, not a stream")
    if len(header) < start + width:
        raise ValueError("it ends in its own header")
    return int.from_bytes(header[start : start + width], "little") + (256 if kind == 1 else 0)
