"""The simulated board: the HDMI bridge and the CSI receiver, filling buffers with what the target draws.

Frames are real UYVY in memory files, handed out by descriptor like DMABUFs, so that the same encoder reads both.
"""

from __future__ import annotations

import mmap
import os
import threading
import time
from collections import deque
from typing import Protocol

from av.video.frame import VideoFrame
from PIL import Image

from app.status import Signal
from app.video.frame import RawFormat, RawFrame
from app.video.source import NoSignal

_BUFFERS = 4


class Screen(Protocol):
    """What draws the frames."""

    def draw(self, frame: int) -> Image.Image:
        """The screen now, RGB, of the mode's size."""


class SimSource:
    """Implements `app.video.source.Source`. A thread plays the hardware: it ticks at the frame rate while streaming.

    Args:
        screen: what is on the other end of the HDMI cable.
        width, height: pixels; even.
        fps: frames per second.
    """

    name = "simulated"

    def __init__(self, screen: Screen, width: int, height: int, fps: int) -> None:
        self._screen = screen
        self._signal = Signal("locked", width, height, float(fps))
        self._raw = RawFormat(width, height, "UYVY", width * 2, width * 2 * height, float(fps))
        self._ready = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_SEMAPHORE | os.EFD_CLOEXEC)
        self._changed = False
        self._descriptors: tuple[int, ...] = ()
        self._maps: list[mmap.mmap] = []
        self._empty: deque[int] = deque()
        self._filled: deque[RawFrame] = deque()
        self._clock: threading.Thread | None = None
        self._stopping = threading.Event()

    def cable(self, *, present: bool) -> None:
        """Pull or plug the HDMI cable. Like the board's driver: frames stop, and nothing else is said but the event."""
        mode = Signal("locked", self._raw.width, self._raw.height, self._raw.fps)
        self._signal = mode if present else Signal("no_power", reason="HDMI cable out, or the target is off")
        self._changed = True

    def fileno(self) -> int:
        """Readable once for every filled buffer."""
        return self._ready

    def signal(self) -> Signal:
        """What `cable` left."""
        return self._signal

    def start(self) -> tuple[RawFormat, tuple[int, ...]]:
        """Make the buffers and start the clock."""
        if self._signal.state != "locked":
            raise NoSignal(self._signal.reason)
        self._descriptors = tuple(os.memfd_create(f"frame-{index}") for index in range(_BUFFERS))
        for descriptor in self._descriptors:
            os.ftruncate(descriptor, self._raw.sizeimage)
            self._maps.append(mmap.mmap(descriptor, self._raw.sizeimage))
        self._empty.extend(range(_BUFFERS))
        self._stopping.clear()
        self._clock = threading.Thread(target=self._tick, name="hdmi", daemon=True)
        self._clock.start()
        return self._raw, self._descriptors

    def take(self) -> RawFrame | None:
        """The oldest filled buffer."""
        try:
            os.eventfd_read(self._ready)
        except BlockingIOError:
            return None
        return self._filled.popleft()

    def give(self, index: int) -> None:
        """Hand a buffer back."""
        self._empty.append(index)

    def changed(self) -> bool:
        """Whether the cable was moved."""
        changed, self._changed = self._changed, False
        return changed

    def stop(self) -> None:
        """Stop the clock and free the buffers."""
        if self._clock is None:
            return
        self._stopping.set()
        self._clock.join()
        self._clock = None
        while self.take() is not None:
            pass
        self._empty.clear()
        for mapping in self._maps:
            mapping.close()
        self._maps.clear()
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = ()

    def close(self) -> None:
        """Stop for good."""
        self.stop()
        os.close(self._ready)

    def _tick(self) -> None:
        """The hardware: one frame per period, dropped (a gap in the sequence) when no buffer is free."""
        period = 1 / self._raw.fps
        due = time.monotonic()
        sequence = 0
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            if self._signal.state == "locked" and self._empty:
                self._fill(self._empty.popleft(), sequence)
            sequence += 1
            due = max(due + period, time.monotonic())

    def _fill(self, index: int, sequence: int) -> None:
        captured = time.monotonic_ns() // 1000
        picture = VideoFrame(self._raw.width, self._raw.height, "rgb24")
        picture.planes[0].update(self._screen.draw(sequence).tobytes())
        with memoryview(picture.reformat(format="uyvy422").planes[0]) as pixels:
            self._maps[index][:] = pixels[: self._raw.sizeimage]
        self._filled.append(RawFrame(index, self._raw.sizeimage, captured, sequence))
        os.eventfd_write(self._ready, 1)
