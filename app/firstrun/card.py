"""The card's first partition, which every computer can write: finds the customisation file, and stars out its secrets. [e]"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from app.firstrun.files import FORMATS, MOST, NOT_UNDERSTOOD
from app.firstrun.plan import Found

_CLOUD = ("user-data", "network-config")
"""Templates of these with nothing but comments are on some cards."""


class Card:
    """The partition, mounted at `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self) -> Found | None:
        """The first of the files that is there. Raises OSError: the partition cannot be read, or is not there.

        The firmware started from it: a folder without any file is not the partition.
        """
        if not any(self._folder.iterdir()):
            raise FileNotFoundError(errno.ENOENT, "it is not mounted")
        for name in FORMATS:
            try:
                return Found(name, _read(self._folder / name))
            except FileNotFoundError:
                continue
            except ValueError as error:
                return Found(name, trouble=f"{name} {error}")
        return None

    def unread(self, name: str) -> tuple[str, ...]:
        """The customisation files that are not looked at because `name` comes before them."""
        return tuple(each for each in FORMATS[FORMATS.index(name) + 1 :] if os.path.lexists(self._folder / each))

    def ignored(self) -> tuple[str, ...]:
        """Other files that somebody may expect to be read."""
        return tuple(each for each in NOT_UNDERSTOOD if self._says_something(each))

    def overwrite(self, name: str, content: bytes) -> None:
        """Put content of the same length over a file's, durably. Raises OSError.

        FAT has no journal: no other file is made, and nothing but the file's own sectors changes.
        """
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            done = 0
            while done < len(content):
                done += os.pwrite(descriptor, content[done:], done)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _says_something(self, name: str) -> bool:
        if name not in _CLOUD:
            return os.path.lexists(self._folder / name)
        try:
            lines = _read(self._folder / name).splitlines()
        except FileNotFoundError:
            return False
        except (OSError, ValueError):
            return True
        return any(line.strip() and not line.lstrip().startswith(b"#") for line in lines)


def _read(path: Path) -> bytes:
    """A small plain file. Raises ValueError in words for anything else, OSError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        if path.is_symlink():
            raise ValueError("is a link, expected a file") from error
        raise
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("is a folder or a device, expected a file")
        if found.st_size > MOST:
            raise ValueError(f"has {found.st_size} bytes, expected at most {MOST}")
        return os.read(descriptor, MOST)
    finally:
        os.close(descriptor)
