"""The simulated board: bridge and receiver in front of a target's screen, kept going by a thread that plays the hardware."""

from __future__ import annotations

import mmap
import threading
from collections.abc import Callable
from typing import Protocol

from PIL import Image

from app.sim.bridge import Bridge
from app.sim.receiver import Receiver
from app.video.frame import PixelFormat
from app.video.timings import Timings

_STEP = 0.004
"""Seconds between two looks at what is due: a frame is at most so much late."""


class Screen(Protocol):
    """What draws the frames."""

    def draw(self, frame: int) -> Image.Image:
        """The screen now, RGB, of the mode's size."""


class SimNode(Receiver):
    """A receiver whose time passes by itself, from opening to closing.

    Args:
        bridge: what is in front of it.
        clock: microseconds, monotonic.
        screen: what is on the other end of the cable.
    """

    def __init__(self, bridge: Bridge, clock: Callable[[], int], screen: Screen) -> None:
        super().__init__(bridge, clock, lambda memory, shape, frame: _paint(screen.draw(frame), memory, shape))
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._live, name="hdmi", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the clock first."""
        self._closing.set()
        self._thread.join()
        super().close()

    def _live(self) -> None:
        while not self._closing.wait(_STEP):
            self.advance()


def plugged_in(clock: Callable[[], int], mode: Timings) -> Bridge:
    """A bridge whose cable comes from a running target."""
    bridge = Bridge(clock)
    bridge.plug(True)
    bridge.send(mode)
    return bridge


def _paint(picture: Image.Image, memory: mmap.mmap, shape: PixelFormat) -> None:
    """RGB to UYVY, row by row where the memory's rows are longer."""
    from av.video.frame import VideoFrame

    frame = VideoFrame(shape.width, shape.height, "rgb24")
    frame.planes[0].update(picture.tobytes())
    plane = frame.reformat(format="uyvy422").planes[0]
    row = shape.width * 2
    with memoryview(plane) as pixels:
        for line in range(shape.height):
            memory[line * shape.bytesperline : line * shape.bytesperline + row] = pixels[
                line * plane.line_size : line * plane.line_size + row
            ]
