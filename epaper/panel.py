"""The SSD1680 controller of Waveshare's 2.13 inch panel V4, as sequences of steps: pure, no I/O and no clock.

Source of every byte: Waveshare's `epd2in13_V4` driver and the SSD1680 data sheet. A frame is the controller's RAM as
it is sent: 250 rows of 16 bytes, one bit per pixel, 1 is white, the most significant bit is leftmost; the last 6 bits
of a row lie off the glass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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

_SOFT_RESET = Send(0x12)
_GATES = Send(0x01, bytes([0xF9, 0x00, 0x00]))  # 250 gate lines
_ENTRY_MODE = Send(0x11, b"\x03")  # X then Y, both upwards
_WINDOW = (Send(0x44, bytes([0x00, 0x0F])), Send(0x45, bytes([0x00, 0x00, 0xF9, 0x00])))
_CURSOR = (Send(0x4E, b"\x00"), Send(0x4F, b"\x00\x00"))
_BORDER_FOLLOWS_LUT = Send(0x3C, b"\x05")
_BORDER_STAYS = Send(0x3C, b"\x80")
_UPDATE_SOURCE = Send(0x21, b"\x00\x80")
_INTERNAL_THERMOMETER = Send(0x18, b"\x80")
# Bits of 0x22: 80 clock on, 40 analogue on, 20 load temperature, 10 load LUT, 08 differential, 04 display,
# 02 analogue off, 01 clock off.
_UPDATE_FULL = Send(0x22, b"\xf7")
_UPDATE_PARTIAL = Send(0x22, b"\xff")
_ACTIVATE = Send(0x20)
_DEEP_SLEEP = Send(0x10, b"\x01")


def init() -> Iterator[Step]:
    """Wake the controller from any state and set it up for the whole glass. The glass does not change."""
    yield from (Reset(False), Pause(0.020), Reset(True), Pause(0.002), Reset(False), Pause(0.020))
    yield Idle(FULL_TIMEOUT)
    yield _SOFT_RESET
    yield Idle(FULL_TIMEOUT)
    yield from (_GATES, _ENTRY_MODE, *_WINDOW, *_CURSOR)
    yield from (_BORDER_FOLLOWS_LUT, _UPDATE_SOURCE, _INTERNAL_THERMOMETER)
    yield Idle(FULL_TIMEOUT)


def full(frame: bytes) -> Iterator[Step]:
    """Draw `frame` with the flashing waveform, which leaves no ghost. After `init`; no partial may follow."""
    yield _ram_new(frame)
    yield from (_UPDATE_FULL, _ACTIVATE, Idle(FULL_TIMEOUT, answers=True))


def base(frame: bytes) -> Iterator[Step]:
    """The same as `full`, and makes `frame` what the next partial refresh starts from."""
    yield _ram_new(frame)
    yield _ram_old(frame)
    yield from (_UPDATE_FULL, _ACTIVATE, Idle(FULL_TIMEOUT, answers=True))


def restore(frame: bytes) -> Iterator[Step]:
    """Tell the controller what the glass shows, after `init`: nobody promises its RAM over a deep sleep."""
    yield _ram_old(frame)


def partial(frame: bytes) -> Iterator[Step]:
    """Drive only the pixels in which `frame` differs from the last `base`, `restore` or `partial`.

    The old image is then set to `frame`. Waveshare's driver leaves that out; GxEPD2 does it, and without it the
    next partial refresh would start from a picture that is no longer on the glass.
    """
    yield from (Reset(True), Pause(0.001), Reset(False))
    yield from (_BORDER_STAYS, _GATES, _ENTRY_MODE, *_WINDOW, *_CURSOR)
    yield _ram_new(frame)
    yield from (_UPDATE_PARTIAL, _ACTIVATE, Idle(PARTIAL_TIMEOUT, answers=True))
    yield _ram_old(frame)


def deep_sleep() -> Iterator[Step]:
    """Under 0.01 microampere; only `init` wakes it."""
    yield _DEEP_SLEEP
    yield Pause(0.100)


def _ram_new(frame: bytes) -> Send:
    return Send(0x24, _checked(frame))


def _ram_old(frame: bytes) -> Send:
    return Send(0x26, _checked(frame))


def _checked(frame: bytes) -> bytes:
    if len(frame) != FRAME_BYTES:
        raise ValueError(f"frame has {len(frame)} bytes, expected {FRAME_BYTES}")
    return frame
