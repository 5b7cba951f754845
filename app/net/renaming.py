"""Another name for the device: tried first, and kept when somebody has found it under that."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app import durable, identity
from app.bus import Bus
from app.net.errors import NetError, NoService
from app.net.names import Names
from app.net.profiles import BadNetwork
from app.net.trial import SECONDS, NotFromThere, NoTrial, TrialRunning


@dataclass(frozen=True, slots=True)
class _Tried:
    name: str
    before: str
    until: float


class Renaming:
    """One name at a time.

    Args:
        names: who publishes it.
        bus: says under which name the device is found.
        file: what the system is called from its next start on.
        clock: seconds, monotonic.
    """

    def __init__(self, names: Names, bus: Bus, file: Path, clock: Callable[[], float]) -> None:
        self._names = names
        self._bus = bus
        self._file = file
        self._clock = clock
        self._tried: _Tried | None = None
        self._timer: asyncio.Task[None] | None = None
        self._one = asyncio.Lock()
        """Held while the name is on its way: what is asked meanwhile is answered by what has become of it."""
        names.on_lost = self._end

    @property
    def trial(self) -> tuple[str, float] | None:
        """The name that is being tried, and the seconds it has left."""
        return None if self._tried is None else (self._tried.name, max(0.0, self._tried.until - self._clock()))

    async def rename(self, name: str) -> None:
        """Try another name. Raises BadNetwork, TrialRunning, NoService, NotDone."""
        if not identity.is_hostname(name):
            raise BadNetwork(f"name has value {name!r}, expected {identity.HOSTNAME}")
        async with self._one:
            if self._tried is not None:
                raise TrialRunning(f"the name {self._tried.name} is being tried: keep it or take it back first")
            before = self._bus.device.network.name.removesuffix(".local")
            if not before:
                raise NoService("the device's name is not published")
            await self._names.call(name)
            self._tried = _Tried(name, before, self._clock() + SECONDS)
            self._timer = asyncio.ensure_future(self._expire())

    async def keep(self, host: str) -> None:
        """It works: `host` is the name that the request was for. Raises NoTrial, NotFromThere, OSError."""
        async with self._one:
            tried, published = self._running(), self._bus.device.network.name
            if published.removesuffix(".local") == tried.before or host.lower() != published.lower():
                raise NotFromThere(f"only a request to {tried.name}.local keeps the name, this one was to {host}")
            await asyncio.to_thread(durable.replace, self._file, f"{tried.name}\n".encode())
            self._end()

    async def take_back(self) -> None:
        """It does not. Raises NoTrial, NoService, NotDone."""
        async with self._one:
            await self._names.call(self._running().before)
            self._end()

    def _running(self) -> _Tried:
        if self._tried is None:
            raise NoTrial("no name is being tried: it has been kept or taken back")
        return self._tried

    def _end(self) -> None:
        self._tried = None
        if self._timer is not None and self._timer is not asyncio.current_task():
            self._timer.cancel()
        self._timer = None

    async def _expire(self) -> None:
        await asyncio.sleep(SECONDS)
        try:
            await self.take_back()
        except NetError as error:
            logging.getLogger(__name__).warning("the name that was tried stays until the next start: %s", error)
            self._end()
