"""Watches the cable to the target: the controller's state, and the lock LEDs the target has set."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.status import Usb, UsbState

_PERIOD = 1.0
"""Seconds. The kernel announces changes of `state` only through poll on sysfs, which an event loop cannot wait for."""


class Monitor:
    """Turns both into one part of the status."""

    def __init__(self, state: Callable[[], UsbState], publish: Callable[[Usb], None]) -> None:
        self._state = state
        self._publish = publish
        self._usb = Usb()

    def leds(self, lit: tuple[str, ...]) -> None:
        """The target sent the keyboard an output report."""
        self._usb = Usb(self._usb.state, lit)
        self._publish(self._usb)

    async def run(self) -> None:
        """Look at the state for ever. LEDs are forgotten with the host that set them."""
        while True:
            state = self._state()
            if state != self._usb.state:
                kept = self._usb.leds if {state, self._usb.state} <= {"configured", "suspended", "unknown"} else None
                self._usb = Usb(state, kept)
                self._publish(self._usb)
            await asyncio.sleep(_PERIOD)
