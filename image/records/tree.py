"""The list of an image's files: mode, owner, size, content's hash and path of each; and how two lists differ."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LINE = re.compile(r"(?P<mode>\S{10}) (?P<owner>\d+:\d+) (?P<size>\d+) (?P<sha256>[0-9a-f]{64}|-) (?P<path>/.*)")


@dataclass(frozen=True)
class Entry:
    """One path. `sha256` is of a file's content or a link's target, and - for what has neither."""

    mode: str
    owner: str
    size: int
    sha256: str
    path: str

    def __str__(self) -> str:
        """The list's line, which `parse` reads."""
        return f"{self.mode} {self.owner} {self.size} {self.sha256} {self.path}"


def walk(root: Path) -> Iterator[Entry]:
    """Every path below `root`, sorted; sizes of folders, which file systems invent, are 0."""
    found = [Path(folder, name) for folder, folders, files in os.walk(root) for name in folders + files]
    for path in sorted(found):
        status = path.lstat()
        content = None
        if stat.S_ISREG(status.st_mode):
            content = path.read_bytes()
        elif stat.S_ISLNK(status.st_mode):
            content = os.fsencode(path.readlink())
        yield Entry(
            stat.filemode(status.st_mode),
            f"{status.st_uid}:{status.st_gid}",
            0 if content is None else len(content),
            "-" if content is None else hashlib.sha256(content).hexdigest(),
            f"/{path.relative_to(root)}",
        )


def parse(text: str) -> dict[str, Entry]:
    """Path to entry. A line of another form is a `ValueError` that shows it."""
    entries = {}
    for line in text.splitlines():
        found = LINE.fullmatch(line)
        if not found:
            raise ValueError(f"'{line}' is no line of a file list, expected MODE OWNER:GROUP SIZE SHA256 PATH")
        entries[found["path"]] = Entry(
            found["mode"], found["owner"], int(found["size"]), found["sha256"], found["path"]
        )
    return entries


def differences(before: dict[str, Entry], after: dict[str, Entry]) -> dict[str, str]:
    """Path to what differs there, in words; in the order of paths."""
    differ = {}
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old is None or new is None:
            differ[path] = "only in the second" if old is None else "only in the first"
        elif old != new:
            fields = ("mode", "owner", "size", "sha256")
            changes = [(field, getattr(old, field), getattr(new, field)) for field in fields]
            differ[path] = ", ".join(f"{field} {a} and {b}" for field, a, b in changes if a != b)
    return differ
