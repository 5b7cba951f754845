"""Whether what is set will last: what the start found out about the card, and what the file system says now."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.status import Device, Health

_INTERVAL = 30.0
_SPARE = 1 << 20
"""Bytes that have to be free: less, and the next setting may not fit."""


class Lasting:
    """The state folder.

    Args:
        state: the folder.
        reason: a file that says in words why the folder is not the card's; there is none where it is.
    """

    def __init__(self, state: Path, reason: Path) -> None:
        self._state = state
        self._reason = reason
        self._said = ""

    def fault(self) -> str:
        """Why changes are lost, in words for the owner; nothing when they are kept."""
        try:
            return self._reason.read_text("utf-8").strip()
        except FileNotFoundError:
            pass
        try:
            found = os.statvfs(self._state)
        except OSError as error:
            return f"card fails, changes are lost: {error.strerror}"
        if found.f_flag & os.ST_RDONLY:
            return "card takes no more writes, changes are lost"
        if found.f_bavail * found.f_frsize < _SPARE:
            return "card is full, changes are lost"
        return ""

    def judged(self, health: Health) -> Health:
        """The same health with today's fault in place of the one before. Other parts' faults stay as they are."""
        found = self.fault()
        others = tuple(fault for fault in health.faults if fault != self._said)
        self._said = found
        return replace(health, faults=(found, *others) if found else others, loss=found)

    async def follow(self, device: Callable[[], Device], publish: Callable[[Health], None]) -> None:
        """Look every half minute, until cancelled."""
        while True:
            publish(self.judged(device().health))
            await asyncio.sleep(_INTERVAL)
