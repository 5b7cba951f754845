"""H.264 on the CPU, for boards and laptops without a hardware encoder, and for frames that the hardware does not take.

It maps the DMABUF descriptors itself: of the encoders it is the one that has to read raw frames.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Mapping, Sequence

from app.video.frame import AccessUnit, RawFormat, RawFrame
from app.video.x264 import X264


class SoftwareEncoder:
    """One libx264 session; finishes each frame within `submit`.

    Args:
        raw: what the frames look like; the width and height must be even. Rows may be longer than the encoder likes.
        buffers: DMABUF descriptors by buffer index; read through a mapping of our own.
        clock: microseconds, monotonic.
        bitrate: bits per second to aim at.
        reason: why it is this one, in words.

    Raises:
        Unfit: libx264 does not take the format.
        NoEncoder: there is no libx264.
    """

    name = "software"

    def __init__(
        self, raw: RawFormat, buffers: Sequence[int], clock: Callable[[], int], bitrate: int, reason: str
    ) -> None:
        self.reason = reason
        self._raw = raw
        self._clock = clock
        self._x264 = X264(raw, bitrate)
        self._maps = [mmap.mmap(fd, raw.sizeimage, prot=mmap.PROT_READ) for fd in buffers]
        self._done: list[int] = []
        self._units: list[AccessUnit] = []

    def descriptors(self) -> Mapping[int, int]:
        """None: everything is there right after `submit`."""
        return {}

    def submit(self, frame: RawFrame) -> None:
        """Encode the frame now."""
        began = self._clock()
        with memoryview(self._maps[frame.index]) as pixels:
            made = self._x264.encode(pixels, frame.captured_us)
        self._done.append(frame.index)
        took = self._clock() - began
        for data, key in made:
            unit = AccessUnit(data, key, frame.sequence, frame.captured_us, took, self._raw.width, self._raw.height)
            self._units.append(unit)

    def collect(self) -> tuple[Sequence[int], Sequence[AccessUnit]]:
        """What the last `submit` finished."""
        done, self._done = self._done, []
        units, self._units = self._units, []
        return done, units

    def request_key(self) -> None:
        """Make the next frame an IDR frame."""
        self._x264.request_key()

    def set_bitrate(self, bits_per_second: int) -> None:
        """From the next frame on."""
        self._x264.set_bitrate(bits_per_second)

    def set_frame_rate(self, fps: float) -> None:
        """Nothing to do: libx264 shares its bits out by the frames' times."""

    def close(self) -> None:
        """Unmap the buffers."""
        for mapping in self._maps:
            mapping.close()
        self._maps.clear()
