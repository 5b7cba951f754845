"""The mouse's function on a cable, simulated or real, and a host at its end that takes no reports."""

from __future__ import annotations

import asyncio
from typing import Protocol

from app.hid.port import Port
from app.sim.host import SimHost


class Cable(Protocol):
    """What the tests turn."""

    port: Port
    """The mouse, configured."""

    def turn_away(self) -> None:
        """The host takes its configuration back."""

    def turn_back(self) -> None:
        """It sets the device up again."""

    def close(self) -> None:
        """Give everything back."""


class SimCable:
    """The simulated host. Its loop does not run, so it takes nothing."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._host = SimHost(self._loop, {"mouse": lambda _report: None})
        self.port = self._host.port("mouse")
        self._host.plug()

    def turn_away(self) -> None:
        self._host.unplug()

    def turn_back(self) -> None:
        self._host.plug()

    def close(self) -> None:
        self._host.dispose()
        self._loop.close()
