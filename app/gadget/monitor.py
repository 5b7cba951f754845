"""Watches the cable to the target: the controller's state, the gadget's profile, and the lock LEDs the target has set."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from app.gadget.request import Switch
from app.status import Usb, UsbState

_PERIOD = 1.0
"""Seconds. The kernel announces changes of `state` only through poll on sysfs, which an event loop cannot wait for."""


class Monitor:
    """Turns them into one part of the status.

    Args:
        state: the controller's, now.
        switch: knows the gadget's profile.
        publish: told every change.
        renewed: told that the target has woken, or sees another gadget: it may have lost what it was told before.
    """

    def __init__(
        self,
        state: Callable[[], UsbState],
        switch: Switch,
        publish: Callable[[Usb], None],
        renewed: Callable[[], None],
    ) -> None:
        self._state = state
        self._switch = switch
        self._publish = publish
        self._renewed = renewed
        self._usb = Usb()

    def leds(self, lit: tuple[str, ...] | None) -> None:
        """The target sent the keyboard an output report; None: it has turned away, and may light others when it is back."""
        self._become(replace(self._usb, leds=lit))

    def look(self) -> None:
        """See what there is now. LEDs are forgotten with the host that set them."""
        state = self._state()
        same = state == self._usb.state or {state, self._usb.state} <= {"configured", "suspended", "unknown"}
        leds = self._usb.leds if same else None
        before = self._usb
        self._become(Usb(state, leds, self._switch.now(), self._switch.refusal()))
        if state == "configured" and (state, self._usb.profile) != (before.state, before.profile):
            self._renewed()

    def forget(self) -> None:
        """Nobody looks: what was seen last is not told any more."""
        self._become(Usb())

    async def run(self) -> None:
        """Look for ever."""
        while True:
            self.look()
            await asyncio.to_thread(self._switch.remind)  # it may have to write to the card
            await asyncio.sleep(_PERIOD)

    def _become(self, usb: Usb) -> None:
        if usb != self._usb:
            self._usb = usb
            self._publish(usb)
