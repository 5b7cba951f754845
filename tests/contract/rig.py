"""An HDMI input and the cable in it, simulated or real; and the simulated one, on a clock that stands still between two looks."""

from __future__ import annotations

import select
from typing import Protocol

from app.sim.bridge import Bridge, mode
from app.sim.receiver import Receiver
from app.video.capture_node import CaptureNode
from app.video.frame import PixelFormat
from app.video.timings import Timings


class Rig(Protocol):
    """What the tests turn and wait for. One node is open at a time."""

    driver: str
    """Whose manners to expect: `board`, or a stand-in of `differences.toml`."""

    def open(self) -> CaptureNode:
        """A node; the caller closes it."""

    def mode(self, width: int, height: int, fps: int) -> None:
        """The target sends a mode; it sees a display."""

    def no_signal(self) -> None:
        """The cable brings nothing, not even power."""

    def no_lock(self) -> None:
        """A clock without a picture."""

    def out_of_range(self) -> None:
        """A mode beyond the receiver."""

    def interlaced(self) -> None:
        """1920x1080, in fields."""

    def disconnect(self) -> None:
        """The device goes away."""

    def settle(self) -> None:
        """Whatever the driver is late with has happened."""

    def some_frames_long(self) -> None:
        """Time passes, and nobody takes anything."""

    def wait(self, descriptor: int, events: int) -> bool:
        """Whether one of poll's events comes to a node's descriptor within the time that anybody would wait."""


class SimRig:
    """The simulated board."""

    driver = "board"

    def __init__(self) -> None:
        self.now = 1_000_000_000
        self.bridge = Bridge(self._clock)
        self.node: Receiver | None = None

    def _clock(self) -> int:
        return self.now

    def open(self) -> Receiver:
        self.node = Receiver(self.bridge, self._clock, mark)
        return self.node

    def mode(self, width: int, height: int, fps: int) -> None:
        self._send(mode(width, height, fps))

    def no_signal(self) -> None:
        self.bridge.plug(False)

    def no_lock(self) -> None:
        self._send("unstable")

    def out_of_range(self) -> None:
        self._send(mode(2560, 1080, 30))

    def interlaced(self) -> None:
        self._send(Timings(1920, 1080, 74_250_000, 1, hsync=280, vsync=45, il_vsync=46))

    def disconnect(self) -> None:
        assert self.node is not None
        self.node.disconnect()

    def settle(self) -> None:
        self.run(3_000_000)

    def some_frames_long(self) -> None:
        self.run(200_000)

    def wait(self, descriptor: int, events: int) -> bool:
        poller = select.poll()
        poller.register(descriptor, events)
        for _ in range(1000):
            if poller.poll(0):
                return True
            self.run(5_000)
        return False

    def run(self, microseconds: int) -> None:
        """Let time pass."""
        end = self.now + microseconds
        while self.now < end:
            self.now = min(end, self.now + 5_000)
            if self.node is not None:
                self.node.advance()

    def _send(self, picture: Timings | str) -> None:
        self.bridge.plug(True)
        self.bridge.send(picture)  # type: ignore[arg-type]
        self.settle()


def mark(memory: object, _shape: PixelFormat, number: int) -> None:
    """A frame that says which one it is."""
    memory[:4] = number.to_bytes(4, "big")  # type: ignore[index]
