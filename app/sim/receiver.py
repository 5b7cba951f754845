"""The simulated CSI receiver behind the bridge: implements `app.video.capture_node.CaptureNode` with unicam's manners.

After the board's bcm2835-unicam driver in its video-node-centric form, and the kernel's buffer queue (videobuf2). Buffers are memory files,
handed out by descriptor like DMABUFs, so that an encoder can map them. Time passes in `advance`, which may be called by another thread.
"""

from __future__ import annotations

import errno
import mmap
import os
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from app.sim.bridge import Bridge, fail
from app.sim.line import Line
from app.video.frame import PixelFormat, RawFrame
from app.video.modes import Mode
from app.video.receiver import BOARD, Link
from app.video.timings import Timings

_DEPTHS = {"RGB3": 3, "UYVY": 2}
_ALIGN, _LONGEST = 32, 65_504
"""Bytes of a row."""
_FEWEST = 3

Painter = Callable[[mmap.mmap, PixelFormat, int], None]
"""Fills a buffer with the frame of a number."""


@dataclass(slots=True)
class _Buffer:
    memory: mmap.mmap
    descriptor: int
    queued: bool = False
    filling: RawFrame | None = None


class Receiver:
    """One open node.

    Args:
        bridge: what is in front of it.
        clock: microseconds, monotonic; the bridge's.
        paint: what the frames show.
        lanes: of the board.
    """

    def __init__(self, bridge: Bridge, clock: Callable[[], int], paint: Painter, lanes: Link = BOARD) -> None:
        self._bridge = bridge
        self._clock = clock
        self._paint = paint
        self._lanes = lanes
        self._lock = threading.RLock()
        self._line = Line()
        self._subscribed = False
        self._format = _shaped(bridge.timings, "RGB3", 0)
        self._buffers: list[_Buffer] = []
        self._empty: deque[int] = deque()
        self._filled: deque[RawFrame] = deque()
        self._streaming = False
        self._gone = False
        self._next_frame = 0
        self._sequence = 0
        self.fd = self._line.fd

    def advance(self) -> None:
        """Let the hardware do what is due by now."""
        with self._lock:
            if self._bridge.poll() and self._subscribed:
                self._line.event()
            if not (self._streaming and self._bridge.flowing):
                self._next_frame = self._clock()
                return
            due = self._claim()
            shape = self._format
        if due is None:
            return
        # Painting takes its time, and nobody has to wait for it.
        buffer, frame = due
        self._paint(buffer.memory, shape, frame.sequence)
        with self._lock:
            if buffer.filling is frame:
                buffer.filling = None
                self._filled.append(frame)
                self._line.frame()

    def disconnect(self) -> None:
        """The device goes away."""
        with self._lock:
            self._gone = True
            self._line.event()

    def names(self) -> tuple[str, str]:
        """Both are the driver's."""
        self._there()
        return "unicam", "unicam"

    def power_present(self) -> bool | None:
        """As the driver last saw it."""
        self._there()
        return self._bridge.power_seen

    def edid(self) -> bytes:
        """From the chip's memory."""
        self._there()
        return self._bridge.edid()

    def set_edid(self, edid: bytes) -> None:
        """Whether anything streams is nothing to the bridge."""
        self._there()
        with self._lock:
            self._bridge.set_edid(edid)

    def query_timings(self) -> Timings:
        """From the bridge."""
        self._there()
        return self._bridge.query()

    def set_timings(self, timings: Timings) -> None:
        """The format's stride goes back to the least."""
        self._there()
        with self._lock:
            if self._buffers and timings != self._bridge.timings:
                raise fail(errno.EBUSY)
            if self._bridge.set_timings(timings):
                self._format = _shaped(timings, self._format.fourcc, 0)

    def set_format(self, wanted: PixelFormat) -> PixelFormat:
        """The size is the bridge's, whatever is asked for."""
        self._there()
        if self._buffers:
            raise fail(errno.EBUSY)
        fourcc = wanted.fourcc if wanted.fourcc in _DEPTHS else "RGB3"
        self._format = _shaped(self._bridge.timings, fourcc, wanted.bytesperline)
        return self._format

    def request_buffers(self, count: int) -> int:
        """At least three, or none."""
        self._there()
        with self._lock:
            if self._streaming:
                raise fail(errno.EBUSY)
            for buffer in self._buffers:
                os.close(buffer.descriptor)
            self._buffers.clear()
            if count and not self._format.sizeimage:
                raise fail(errno.EINVAL)
            for _ in range(max(count, _FEWEST) if count else 0):
                descriptor = os.memfd_create("frame", os.MFD_CLOEXEC)
                os.ftruncate(descriptor, self._format.sizeimage)
                self._buffers.append(_Buffer(mmap.mmap(descriptor, self._format.sizeimage), descriptor))
            return len(self._buffers)

    def export(self, index: int) -> int:
        """Another descriptor of the same memory."""
        return os.dup(self._buffer(index).descriptor)

    def queue(self, index: int) -> None:
        """To be filled."""
        with self._lock:
            buffer = self._buffer(index)
            if buffer.queued:
                raise fail(errno.EINVAL)
            buffer.queued = True
            self._empty.append(index)

    def dequeue(self) -> tuple[RawFrame, bool] | None:
        """No frame comes damaged: those that find no buffer go to a dummy, and leave a gap."""
        self._there()
        with self._lock:
            if not self._streaming:
                raise fail(errno.EINVAL)
            if not self._filled:
                return None
            self._line.take_frame()
            frame = self._filled.popleft()
            self._buffers[frame.index].queued = False
            return frame, False

    def stream(self, on: bool) -> None:
        """On: as the bridge is set, over as many lanes as that takes. Off: every buffer is the caller's again."""
        self._there()
        with self._lock:
            if on and (not self._buffers or self._needed() > self._lanes.lanes):
                raise fail(errno.EINVAL)
            if on and not self._streaming:
                self._sequence, self._next_frame = 0, self._clock()
            self._streaming = on
            self._bridge.muted = not on
            if not on:
                self._release()

    def subscribe_source_change(self) -> None:
        """From the next poll on."""
        self._there()
        self._subscribed = True

    def source_changed(self) -> bool:
        """However many there were."""
        self._there()
        with self._lock:
            return self._line.take_event()

    def close(self) -> None:
        """As the kernel does for a descriptor that is closed."""
        with self._lock:
            self._gone = self._subscribed = False
            self.stream(False)
            self.request_buffers(0)
            self._line.close()

    def _there(self) -> None:
        if self._gone:
            raise fail(errno.ENODEV)

    def _buffer(self, index: int) -> _Buffer:
        self._there()
        if index not in range(len(self._buffers)):
            raise fail(errno.EINVAL)
        return self._buffers[index]

    def _needed(self) -> int:
        timings = self._bridge.timings
        return self._lanes.needs(Mode(timings.width, timings.height, round(timings.fps)))

    def _release(self) -> None:
        while self._filled:
            self._line.take_frame()
            self._filled.popleft()
        self._empty.clear()
        for buffer in self._buffers:
            buffer.queued, buffer.filling = False, None

    def _claim(self) -> tuple[_Buffer, RawFrame] | None:
        """The frame that has begun, and its buffer. One without a buffer leaves a gap, and so does one that nobody could paint in time."""
        period = round(1_000_000 / self._bridge.timings.fps)
        passed = (self._clock() - self._next_frame) // period
        if passed < 0:
            return None
        sequence, captured = self._sequence + passed, self._next_frame + passed * period
        self._sequence, self._next_frame = sequence + 1, captured + period
        if not self._empty:
            return None
        index = self._empty.popleft()
        buffer = self._buffers[index]
        buffer.filling = RawFrame(index, self._format.sizeimage, captured, sequence)
        return buffer, buffer.filling


def _shaped(timings: Timings, fourcc: str, bytesperline: int) -> PixelFormat:
    """A row is at least the pixels', and a multiple of 32 bytes."""
    least = timings.width * _DEPTHS[fourcc]
    row = -(-max(least, min(bytesperline, _LONGEST)) // _ALIGN) * _ALIGN
    return PixelFormat(timings.width, timings.height, fourcc, row, row * timings.height)
