"""A disk made of a file, by the kernel's own driver."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _are_there() -> bool:
    """Whether this process may make them: a container has the tool and not the right."""
    tool = shutil.which("losetup")
    return tool is not None and subprocess.run([tool, "--find"], capture_output=True).returncode == 0


needed = pytest.mark.skipif(
    os.geteuid() != 0 or not _are_there(), reason="loop devices take root and the kernel's driver"
)


@contextmanager
def disk(backing: Path, size: int) -> Iterator[Path]:
    """A disk of so many bytes, full of what an old card may hold."""
    backing.write_bytes(b"\xa5" * size)
    found = subprocess.run(["losetup", "--find", "--show", backing], check=True, capture_output=True, text=True)
    node = Path(found.stdout.strip())
    try:
        yield node
    finally:
        subprocess.run(["losetup", "--detach", node], check=True)
