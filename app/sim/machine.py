"""The simulated hardware as a whole: a board whose HDMI and USB cables end in a simulated target."""

from __future__ import annotations

import asyncio
import time

from app.sim.board import SimNode, plugged_in
from app.sim.bridge import mode
from app.sim.codec import Firmware, SimCodec
from app.sim.host import SimHost, SimPort
from app.sim.target import HEIGHT, WIDTH, Target
from app.status import UsbState
from app.video.receiver import BOARD
from app.video.source import Source
from app.video.v4l2 import V4L2Source

_FPS = 30


def microseconds() -> int:
    """The board's clock."""
    return time.monotonic_ns() // 1000


class SimMachine:
    """Implements `app.hardware.Hardware`. Made on the event loop; its cables are plugged in."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.target = Target(lambda report: loop.call_soon(self.host.port("keyboard").host_send, report))
        self.host = SimHost(
            loop,
            {
                "keyboard": self.target.keyboard,
                "pointer": self.target.pointer,
                "mouse": self.target.mouse,
                "consumer": self.target.consumer,
                "system": self.target.system,
            },
        )
        self.host.plug()
        self.bridge = plugged_in(microseconds, mode(WIDTH, HEIGHT, _FPS))
        self.firmware = Firmware()

    def open_source(self) -> Source:
        """The HDMI input."""
        return V4L2Source(SimNode(self.bridge, microseconds, self.target), lambda _driver: BOARD)

    def open_codec(self) -> SimCodec:
        """The H.264 encoder."""
        return SimCodec(self.firmware)

    def port(self, name: str) -> SimPort:
        """One HID function."""
        return self.host.port(name)

    def usb_state(self) -> UsbState:
        """As the host left it."""
        return self.host.state

    @property
    def switch(self) -> SimHost:
        """The host itself."""
        return self.host

    def close(self) -> None:
        """Pull the cable."""
        self.host.dispose()
