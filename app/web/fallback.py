"""Makes pictures for browsers that cannot decode the stream, while there is one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from app.stream import wire
from app.stream.hub import Hub
from app.stream.viewer import Viewer
from app.stream.wire import Message
from app.video.stills import StillError, Stills


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
    """Reads the hub's stream like a viewer and gives pictures back; one that is too slow skips, as a viewer does.

    Args:
        hub: the stream.
        start: has a named task run until it is stopped with what this returns (`app.supervisor`).
    """

    def __init__(
        self, hub: Hub, start: Callable[[str, Callable[[], Coroutine[Any, Any, None]]], Callable[[], object]]
    ) -> None:
        self._hub = hub
        self._start = start
        self._stop: Callable[[], object] | None = None

    def want(self, wanted: bool) -> None:
        """Whether anybody needs pictures."""
        if wanted and self._stop is None:
            self._stop = self._start("making of pictures", self._run)
        elif not wanted and self._stop is not None:
            self._stop()
            self._stop = None

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
            made = await asyncio.get_running_loop().run_in_executor(
                None, stills.feed, unit, message.captured_us, self._hub.still_bytes
            )
        except StillError:
            self._hub.key_wanted(tap)
            return
        now = self._hub.now()
        tap.shown(message.sequence, now)
        if made is not None:
            jpeg, width, height = made
            self._hub.publish_still(Still(jpeg, message.sequence, message.captured_us, now - began, width, height))
