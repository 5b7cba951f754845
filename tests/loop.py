"""Keeps the event loop's thread from waiting for the card, and says who did."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

_fsync = os.fsync


def guarded(blocked: Callable[[str], None]) -> Callable[[int], None]:
    """An `os.fsync` that tells when a thread that runs an event loop calls it, and does it anyway."""

    def fsync(descriptor: int) -> None:
        if asyncio._get_running_loop() is not None:
            blocked(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        _fsync(descriptor)

    return fsync
