"""The kernel's vivid as an HDMI input; its cable is its controls."""

from __future__ import annotations

import select
import time

from app.video.finder import find_capture
from app.video.node import Node
from tests.kernel.guest.bridge import Bridge
from tests.kernel.guest.target import PATIENCE

_RATES = {60: ("60", "59"), 30: ("30",), 50: ("50",)}
"""As the names of vivid's modes have them: rounded down."""


class VividRig:
    """One vivid node."""

    driver = "vivid"

    def __init__(self) -> None:
        self.bridge = Bridge(find_capture())

    def open(self) -> Node:
        return Node(find_capture())

    def mode(self, width: int, height: int, fps: int) -> None:
        names = [f"{width}x{height}p{rate}" for rate in _RATES[fps]]
        self.bridge.mode(next(name for name in names if self.bridge.has(name)))

    def no_signal(self) -> None:
        self.bridge.no_signal()

    def no_lock(self) -> None:
        self.bridge.no_lock()

    def out_of_range(self) -> None:
        self.bridge.out_of_range()

    def interlaced(self) -> None:
        self.bridge.mode("1920x1080i30")

    def disconnect(self) -> None:
        self.bridge.inject("disconnect")

    def settle(self) -> None:
        """It is never late."""

    def some_frames_long(self) -> None:
        time.sleep(0.2)

    def wait(self, descriptor: int, events: int) -> bool:
        poller = select.poll()
        poller.register(descriptor, events)
        return bool(poller.poll(PATIENCE * 1000))
