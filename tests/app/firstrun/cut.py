"""Power that goes at a chosen change of a file, and a disk that then has what the kernel promised, and by chance more.

The model: what was written and not synced may be there or not; a name that was put in place or removed may be as before until its
folder is synced; of the write under way any number of bytes, the first ones, may be there.
"""

from __future__ import annotations

import io
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

_SECTOR = 5
"""Bytes; of a real one a password can lie across the end as well."""


class Cut(BaseException):
    """The power is gone: nothing after this happens, not even an `except` for errors."""


@dataclass
class Change:
    """Something that nobody has waited for yet."""

    synced_by: Path
    """The file or folder whose sync makes it final."""
    file: Path
    content: bytes | None
    """As the file was before; None where there was none, as before every folder."""

    def undo(self, dice: random.Random) -> None:
        """Make it as if it had not been; of a file that was written over, each sector for itself."""
        if self.file.is_dir():
            shutil.rmtree(self.file)
            return
        if self.content is None:
            self.file.unlink(missing_ok=True)
            return
        content = self.content
        if self.synced_by == self.file and self.file.exists():
            after, size = self.file.read_bytes(), _SECTOR
            if len(after) == len(content):
                places = range(0, len(content), size)
                content = b"".join(dice.choice((content, after))[place : place + size] for place in places)
        self.file.write_bytes(content)


class Power:
    """A context in which the process dies at its change number `step`, counted from 0."""

    def __init__(self, step: int, dice: random.Random) -> None:
        self._step = step
        self._dice = dice
        self._pending: list[Change] = []
        self._patch = pytest.MonkeyPatch()
        self.lasted = False
        """Whether the process ended before the power went."""

    def __enter__(self) -> None:
        self._patch.setattr(Path, "rename", self._renamed(Path.rename))
        self._patch.setattr(Path, "unlink", self._unlinked(Path.unlink))
        self._patch.setattr(os, "pwrite", self._written(os.pwrite))
        self._patch.setattr(os, "fdopen", self._opened(os.fdopen))
        self._patch.setattr(os, "fsync", self._synced(os.fsync))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._patch.undo()
        self.lasted = kind is None

    def settle(self) -> None:
        """Make of the disk what is there when the power is back: the newest changes are undone first."""
        for change in reversed(self._pending):
            if self._dice.random() < 0.5:
                change.undo(self._dice)

    def _strike(self) -> bool:
        """Count a change; whether the power goes at this one."""
        self._step -= 1
        return self._step < 0

    def _renamed(self, real: Callable[..., Path]) -> Callable[..., Path]:
        def rename(path: Path, target: Path) -> Path:
            if self._strike():
                raise Cut
            before = _content(target)
            done = real(path, target)
            for change in self._pending:
                if change.synced_by == change.file == path:
                    change.synced_by = change.file = target
            self._pending.append(Change(target.parent, target, before))
            return done

        return rename

    def _unlinked(self, real: Callable[..., None]) -> Callable[..., None]:
        def unlink(path: Path, missing_ok: bool = False) -> None:
            if os.path.lexists(path):
                if self._strike():
                    raise Cut
                self._pending.append(Change(path.parent, path, _content(path)))
            real(path, missing_ok)

        return unlink

    def _written(self, real: Callable[..., int]) -> Callable[..., int]:
        def write(descriptor: int, content: bytes, place: int) -> int:
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            if self._strike():
                real(descriptor, content[: self._dice.randint(0, len(content))], place)
                raise Cut
            self._pending.append(Change(path, path, _content(path)))
            return real(descriptor, content, place)

        return write

    def _opened(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def fdopen(descriptor: int, mode: str, **options: Any) -> Any:
            if "w" not in mode:
                return real(descriptor, mode, **options)
            raw = _Written(descriptor, os.pwrite)
            return raw if "b" in mode else io.TextIOWrapper(raw, encoding="utf-8")

        return fdopen

    def _synced(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def sync(descriptor: int) -> None:
            if self._strike():
                raise Cut
            real(descriptor)
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            self._pending = [change for change in self._pending if change.synced_by != path]

        return sync


class _Written(io.FileIO):
    """A new file whose writes the power can cut."""

    def __init__(self, descriptor: int, pwrite: Callable[[int, bytes, int], int]) -> None:
        super().__init__(descriptor, "w")
        self._pwrite = pwrite
        self._length = 0

    def write(self, content: Any) -> int:
        count = self._pwrite(self.fileno(), bytes(content), self._length)
        self._length += count
        return count


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None
