"""Files that survive a power cut: a reader finds the old content or the new, never a part."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

Owner = tuple[int, int]
"""User and group."""


def folder(path: Path, owner: Owner | None = None) -> None:
    """Make the folder unless it is there; its owner's alone, from the first moment on.

    Args:
        path: in a folder that may be somebody else's.
        owner: who gets it; None leaves it ours.

    Raises:
        PermissionError: what is there is no folder of that owner, and is left as it is: root gives nothing away that it has not just made.
        OSError: it could not be made.
    """
    if not os.path.lexists(path):
        draft = path.with_name(f".{path.name}.new")
        with suppress(FileNotFoundError):
            draft.rmdir()
        draft.mkdir(mode=0o700)
        if owner is not None:
            os.chown(draft, *owner, follow_symlinks=False)
        draft.rename(path)
        sync(path.parent)
    found = path.lstat()
    user = os.geteuid() if owner is None else owner[0]
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user or found.st_mode & 0o022:
        raise PermissionError(f"{path} is not a folder that user {user} alone may change")


def replace(path: Path, content: bytes, mode: int = 0o600, owner: Owner | None = None) -> None:
    """Put `content` in the place of the file at `path`, durably: written, synced, renamed, folder synced.

    Args:
        path: in an existing folder.
        mode: permission bits of the new file.
        owner: user and group that get it, from the first moment on: given away afterwards, a power cut in between would leave it with us.

    Raises:
        OSError: nothing was changed, or the folder's sync failed after the rename.
    """
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if owner is not None:
                os.fchown(descriptor, *owner)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        draft.rename(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(folder: Path) -> None:
    """Wait until the folder's names are as they are now, durably. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
