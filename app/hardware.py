"""What the appliance is plugged into: the board (`app.board`) or the simulation (`app.sim.machine`)."""

from __future__ import annotations

from typing import Protocol

from app.hid.port import Port
from app.status import UsbState
from app.video.source import Source


class Hardware(Protocol):
    """The edges, ready to be wired."""

    def open_source(self) -> Source:
        """The HDMI input. Called on the video thread; raises SourceError while there is none."""

    def port(self, name: str) -> Port:
        """One HID function of the gadget: `keyboard`, `pointer` or `mouse`."""

    def usb_state(self) -> UsbState:
        """The USB device controller's state now."""

    def close(self) -> None:
        """Free what is left; sources and ports have been closed."""
