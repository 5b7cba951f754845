"""Carries the status: the latest value of every part, and word of each change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from app.status import Device, Part


class Bus:
    """Lives on the event loop; publishing never waits, and a slow reader sees only the newest state."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._readers: set[asyncio.Event] = set()

    @property
    def device(self) -> Device:
        """Everything, now."""
        return self._device

    def publish(self, part: Part) -> None:
        """Replace one part; nothing is said when it is equal."""
        device = self._device.with_part(part)
        if device != self._device:
            self._device = device
            for changed in self._readers:
                changed.set()

    async def changes(self) -> AsyncIterator[Device]:
        """The state now, then again after every change."""
        changed = asyncio.Event()
        changed.set()
        self._readers.add(changed)
        try:
            while True:
                await changed.wait()
                changed.clear()
                yield self._device
        finally:
            self._readers.discard(changed)
