"""Waveshare's 2.13 inch panel as sequences of steps: what its three versions have in common. Pure, no I/O, no clock.

`v4`, `v3` and `v2` are `Controller`s; which one is fitted cannot be asked, only set. A frame is the controller's RAM by
address: 250 rows of 16 bytes, one bit per pixel, 1 is white, the most significant bit is leftmost; the last 6 bits of a
row lie off the glass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

WIDTH, HEIGHT = 122, 250
"""Visible pixels, the ribbon cable at the bottom."""
ROW_BYTES = 16
FRAME_BYTES = ROW_BYTES * HEIGHT

FULL_TIMEOUT = 10.0
"""Seconds of BUSY after which a full refresh (about 2 s) or a reset has failed."""
PARTIAL_TIMEOUT = 3.0
"""The same for a partial refresh (0.3 to 0.5 s)."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The RST line: True holds the controller in reset (low)."""

    held: bool


@dataclass(frozen=True, slots=True)
class Pause:
    """Let `seconds` pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Send:
    """One command byte with DC low, then its data with DC high."""

    command: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Idle:
    """Wait until BUSY is low, `timeout` seconds at most.

    `answers` says that the step before surely raises BUSY for a long time: if it never does, nobody is there.
    """

    timeout: float
    answers: bool = False


Step = Reset | Pause | Send | Idle


class Controller(Protocol):
    """A version of the panel: how each thing is done, as steps. Modules are the implementations."""

    def init(self) -> Iterator[Step]:
        """Wake the controller from any state and set it up for the whole glass. The glass does not change."""

    def full(self, frame: bytes) -> Iterator[Step]:
        """Draw `frame` with the flashing waveform, which leaves no ghost. After `init`; no partial may follow."""

    def base(self, frame: bytes) -> Iterator[Step]:
        """The same as `full`, and makes `frame` what the next partial refresh starts from."""

    def fast(self, frame: bytes) -> Iterator[Step]:
        """The same as `init` and `base` together, with the shortest flashing waveform there is."""

    def restore(self, frame: bytes) -> Iterator[Step]:
        """Tell the controller what the glass shows, after `init`: nobody promises its RAM over a deep sleep."""

    def partial(self, frame: bytes) -> Iterator[Step]:
        """Draw `frame` without flashing. After `base`, `fast`, `restore` or `partial`."""

    def deep_sleep(self) -> Iterator[Step]:
        """Under 0.01 microampere; only `init` wakes it."""


def pulse(low: float, around: float) -> Iterator[Step]:
    """The RST line low for `low` seconds, and high for `around` seconds before and after."""
    yield from (Reset(False), Pause(around), Reset(True), Pause(low), Reset(False), Pause(around))


def refresh(update: int, timeout: float = FULL_TIMEOUT) -> Iterator[Step]:
    """Start what the bits of `update` say, and wait for its end. While it displays, BUSY is high for a long time.

    The bits: 80 clock on, 40 analogue on, 20 load temperature, 10 load waveform, 08 display mode 2 (differential),
    04 display, 02 analogue off, 01 clock off.
    """
    yield from (Send(0x22, bytes([update])), Send(0x20), Idle(timeout, answers=bool(update & 0x04)))


def ram_new(frame: bytes) -> Send:
    """Write what shall be seen."""
    return Send(0x24, checked(frame))


def ram_old(frame: bytes) -> Send:
    """Write what is seen now."""
    return Send(0x26, checked(frame))


def checked(frame: bytes) -> bytes:
    """The frame. Raises ValueError when it is none."""
    if len(frame) != FRAME_BYTES:
        raise ValueError(f"frame has {len(frame)} bytes, expected {FRAME_BYTES}")
    return frame
