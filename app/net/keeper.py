"""Follows the network for everybody else: how the device is connected, or why it is not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from app.bus import Bus
from app.net.dbus import Conversation, attend
from app.net.errors import NetError, NoService, NotDone
from app.net.manager import Manager
from app.net.observed import ACTIVATED, Observed
from app.net.setup import SetUp
from app.net.troubles import Troubles
from app.wifi import shown

_SETTLE = 0.5
"""Seconds that news are collected for: one change is announced by many signals."""
_LOOK = 5.0
"""Seconds between looks while something is wrong: that time passes is nothing that is announced."""


class Keeper:
    """One loop, which survives the services that it asks.

    Args:
        bus: who is told.
        setup: the device's own access point.
        clock: seconds, monotonic.
        absent: what is said while there is no NetworkManager.
    """

    def __init__(self, bus: Bus, setup: SetUp, clock: Callable[[], float], absent: str) -> None:
        self._bus = bus
        self._setup = setup
        self._clock = clock
        self._absent = absent
        self._changed = asyncio.Event()
        self._log = logging.getLogger(__name__)
        self._manager: Manager | None = None
        setup.act = self.look
        self.observed = Observed((), (), (), radio=True)
        """The last look."""

    def manager(self) -> Manager:
        """Raises NoService."""
        if self._manager is None:
            raise NoService(self._absent)
        return self._manager

    def look(self) -> None:
        """Now, not when there is news."""
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        await attend(self._attend, self._lost)

    def _lost(self, error: NetError) -> None:
        self._manager = None
        self._publish("", None, f"{self._absent}: {error}")
        self._setup.forget()

    async def _attend(self, conversation: Conversation) -> None:
        manager = Manager(conversation)
        troubles = Troubles()
        await manager.listen(self._changed.set, troubles.failed)
        while True:
            self._changed.clear()
            self.observed = observed = await manager.observe()
            self._manager = manager
            reason = troubles.reason(observed, self._clock())
            self._show(observed, reason)
            try:
                await self._setup.step(manager, observed, troubles)
                again = troubles.retry(observed, self._clock())
                if again and observed.wifi is not None:
                    await manager.activate(again, observed.wifi.path)
            except (NotDone, OSError) as error:
                self._log.warning("the network refuses: %s", error)
            try:
                async with asyncio.timeout(_LOOK if reason or self._setup.busy else None):
                    await self._changed.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(_SETTLE)

    def _show(self, observed: Observed, reason: str) -> None:
        wifi = observed.wifi
        if wifi is not None and wifi.state == ACTIVATED and wifi.ssid:
            self._publish(shown(wifi.ssid), wifi.strength, reason)
        else:
            self._publish("", None, reason)

    def _publish(self, wifi: str, strength: int | None, reason: str) -> None:
        self._bus.publish(replace(self._bus.device.network, wifi=wifi, strength=strength, reason=reason))
