"""The simulated hardware as a whole: a board whose HDMI and USB cables end in a simulated target."""

from __future__ import annotations

import asyncio

from app.sim.board import SimSource
from app.sim.host import SimHost, SimPort
from app.sim.target import HEIGHT, WIDTH, Target
from app.status import UsbState
from app.video.source import Source

_FPS = 30


class SimMachine:
    """Implements `app.hardware.Hardware`. Made on the event loop; its cables are plugged in."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.target = Target(lambda report: loop.call_soon(self.host.port("keyboard").host_send, report))
        self.host = SimHost(
            loop, {"keyboard": self.target.keyboard, "pointer": self.target.pointer, "mouse": self.target.mouse}
        )
        self.host.plug()

    def open_source(self) -> Source:
        """The HDMI input."""
        return SimSource(self.target, WIDTH, HEIGHT, _FPS)

    def port(self, name: str) -> SimPort:
        """One HID function."""
        return self.host.port(name)

    def usb_state(self) -> UsbState:
        """As the host left it."""
        return self.host.state

    def close(self) -> None:
        """Pull the cable."""
        self.host.dispose()
