"""What the appliance is plugged into: the board (`app.board`) or the simulation (`app.sim.machine`)."""

from __future__ import annotations

from typing import Protocol

from app.gadget.request import Switch
from app.hid.port import Port
from app.status import UsbState
from app.video.codec import Codec
from app.video.source import Source


class Hardware(Protocol):
    """The edges, ready to be wired."""

    def open_source(self) -> Source:
        """The HDMI input. Called on the video thread; raises SourceError while there is none."""

    def open_codec(self) -> Codec:
        """The hardware encoder. Called on the video thread; raises NoEncoder when there is none."""

    def port(self, name: str) -> Port:
        """One way for reports: `keyboard`, `pointer`, `mouse`, or `consumer` and `system`, which share a function."""

    def usb_state(self) -> UsbState:
        """The USB device controller's state now."""

    @property
    def switch(self) -> Switch:
        """What the target sees of the gadget, and how to change it."""

    def close(self) -> None:
        """Free what is left; sources and ports have been closed."""
