"""Version 4 of the panel (SSD1680Z): its waveforms are in the controller.

Source of every byte: Waveshare's `epd2in13_V4` driver and the SSD1680 data sheet.
"""

from __future__ import annotations

from collections.abc import Iterator

from epaper.panel import FULL_TIMEOUT, PARTIAL_TIMEOUT, Idle, Pause, Reset, Send, Step, pulse, ram_new, ram_old, refresh

SOFT_RESET = Send(0x12)
GATES = Send(0x01, bytes([0xF9, 0x00, 0x00]))  # 250 gate lines
ENTRY_MODE = Send(0x11, b"\x03")  # X then Y, both upwards
WINDOW = (Send(0x44, bytes([0x00, 0x0F])), Send(0x45, bytes([0x00, 0x00, 0xF9, 0x00])))
CURSOR = (Send(0x4E, b"\x00"), Send(0x4F, b"\x00\x00"))
BORDER_FOLLOWS_WAVEFORM = Send(0x3C, b"\x05")
BORDER_STAYS = Send(0x3C, b"\x80")
UPDATE_SOURCE = Send(0x21, b"\x00\x80")
INTERNAL_THERMOMETER = Send(0x18, b"\x80")
_PRETEND_HOT = Send(0x1A, b"\x64\x00")  # 100 degrees Celsius select the shortest waveform


def init() -> Iterator[Step]:
    """See Controller."""
    yield from pulse(0.002, 0.020)
    yield from (Idle(FULL_TIMEOUT), SOFT_RESET, Idle(FULL_TIMEOUT))
    yield from (GATES, ENTRY_MODE, *WINDOW, *CURSOR)
    yield from (BORDER_FOLLOWS_WAVEFORM, UPDATE_SOURCE, INTERNAL_THERMOMETER)
    yield Idle(FULL_TIMEOUT)


def full(frame: bytes) -> Iterator[Step]:
    """See Controller."""
    yield ram_new(frame)
    yield from refresh(0xF7)


def base(frame: bytes) -> Iterator[Step]:
    """See Controller."""
    yield from (ram_new(frame), ram_old(frame))
    yield from refresh(0xF7)


def fast(frame: bytes) -> Iterator[Step]:
    """See Controller. Waveshare's Python driver sends the 80 after 18 as a command, which is a mistake of it."""
    yield from pulse(0.002, 0.020)
    yield from (Idle(FULL_TIMEOUT), SOFT_RESET, Idle(FULL_TIMEOUT))
    yield from (INTERNAL_THERMOMETER, ENTRY_MODE, *WINDOW, *CURSOR)
    yield from refresh(0xB1)
    yield _PRETEND_HOT
    yield from refresh(0x91)
    yield from (ram_new(frame), ram_old(frame))
    yield from refresh(0xC7)


def restore(frame: bytes) -> Iterator[Step]:
    """See Controller."""
    yield ram_old(frame)


def partial(frame: bytes) -> Iterator[Step]:
    """Drive only the pixels in which `frame` differs from the old image.

    The old image is then set to `frame`. Waveshare's driver leaves that out; GxEPD2 does it, and without it the
    next partial refresh would start from a picture that is no longer on the glass.
    """
    yield from (Reset(True), Pause(0.001), Reset(False), Idle(PARTIAL_TIMEOUT))
    yield from (BORDER_STAYS, GATES, ENTRY_MODE, *WINDOW, *CURSOR)
    yield ram_new(frame)
    yield from refresh(0xFF, PARTIAL_TIMEOUT)
    yield ram_old(frame)


def deep_sleep() -> Iterator[Step]:
    """See Controller."""
    yield from (Idle(FULL_TIMEOUT), Send(0x10, b"\x01"), Pause(0.100))
