"""Makes pictures for browsers that cannot decode the stream, while there is one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from app.stream import wire
from app.stream.hub import Hub
from app.stream.viewer import Viewer
from app.stream.wire import Message
from app.video.snapshot import SnapshotError
from app.video.stills import Stills


@dataclass(frozen=True, slots=True)
class Still:
    """One JPEG as an access unit of its own stream."""

    data: bytes
    sequence: int
    captured_us: int
    encode_us: int
    width: int
    height: int
    key: bool = True


class Fallback:
    """Reads the hub's stream like a viewer and gives pictures back; one that is too slow skips, as a viewer does."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._running: asyncio.Task[None] | None = None

    def want(self, wanted: bool) -> None:
        """Whether anybody needs pictures."""
        if wanted and self._running is None:
            self._running = asyncio.ensure_future(self._run())
        elif not wanted and self._running is not None:
            self._running.cancel()
            self._running = None

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        tap, changed = self._hub.tap(), asyncio.Event()
        tap.wake = changed.set
        try:
            stills = await loop.run_in_executor(None, Stills)
            while True:
                message = tap.take(self._hub.now())
                if message is None:
                    await changed.wait()
                    changed.clear()
                else:
                    await self._follow(stills, tap, message)
        finally:
            self._hub.untap(tap)

    async def _follow(self, stills: Stills, tap: Viewer, message: Message) -> None:
        began = self._hub.now()
        unit = wire.payload(message)
        try:
            made = await asyncio.get_running_loop().run_in_executor(None, stills.feed, unit, message.captured_us)
        except SnapshotError:
            self._hub.key_wanted(tap)
            return
        now = self._hub.now()
        tap.shown(message.sequence, now)
        if made is not None:
            jpeg, width, height = made
            self._hub.publish_still(Still(jpeg, message.sequence, message.captured_us, now - began, width, height))
