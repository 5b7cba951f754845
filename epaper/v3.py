"""Version 3 of the panel: set up like version 4, but it is handed its waveforms.

Source of every byte: Waveshare's `epd2in13_V3` driver. A waveform is five rows of levels (black to black, black to white,
white to black, white to white, common electrode) in twelve phases, then the phases' lengths and repetitions.
"""

from __future__ import annotations

from collections.abc import Iterator

from epaper import v4
from epaper.panel import FULL_TIMEOUT, PARTIAL_TIMEOUT, Idle, Pause, Reset, Send, Step, ram_new, ram_old, refresh

_FRAME_RATES = bytes.fromhex("222222222222 000000")


def _waveform(levels: tuple[str, ...], phases: tuple[str, ...]) -> bytes:
    """Rows in hexadecimal without their trailing zeros, and without trailing empty rows."""
    table = b"".join(bytes.fromhex(row).ljust(12, b"\0") for row in levels).ljust(5 * 12, b"\0")
    table += b"".join(bytes.fromhex(row).ljust(7, b"\0") for row in phases).ljust(12 * 7, b"\0")
    return table + _FRAME_RATES


FLASHING = _waveform(("804A40", "404A80", "804A40", "404A80"), ("0F", "0F00000F000002", "0F", "01"))
DIFFERENTIAL = _waveform(("0040", "8080", "4040", "0080"), ("14", "01", "01"))

_GATE_VOLTAGE = Send(0x03, b"\x17")
_SOURCE_VOLTAGES = Send(0x04, bytes([0x41, 0x00, 0x32]))
_COMMON_VOLTAGE = Send(0x2C, b"\x36")
_END_OPTION = Send(0x3F, b"\x22")
_OPTIONS = Send(0x37, bytes([0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0]))
_POWER_ON = 0xC0


def init() -> Iterator[Step]:
    """See Controller."""
    yield from v4.init()
    yield from _load(FLASHING)


def full(frame: bytes) -> Iterator[Step]:
    """See Controller."""
    yield ram_new(frame)
    yield from refresh(0xC7)


def base(frame: bytes) -> Iterator[Step]:
    """See Controller."""
    yield from (ram_new(frame), ram_old(frame))
    yield from refresh(0xC7)


def fast(frame: bytes) -> Iterator[Step]:
    """See Controller; there is one flashing waveform only."""
    yield from init()
    yield from base(frame)


def restore(frame: bytes) -> Iterator[Step]:
    """See Controller."""
    yield ram_old(frame)


def partial(frame: bytes) -> Iterator[Step]:
    """Drive the pixels by their old and new level; the old image follows, as in version 4."""
    yield from (Reset(True), Pause(0.001), Reset(False), Idle(PARTIAL_TIMEOUT))
    yield from _load(DIFFERENTIAL)
    yield from (_OPTIONS, v4.BORDER_STAYS)
    yield from refresh(_POWER_ON, PARTIAL_TIMEOUT)
    yield from (*v4.WINDOW, *v4.CURSOR)
    yield ram_new(frame)
    yield from refresh(0x0F, PARTIAL_TIMEOUT)
    yield ram_old(frame)


def deep_sleep() -> Iterator[Step]:
    """See Controller."""
    yield from v4.deep_sleep()


def _load(waveform: bytes) -> Iterator[Step]:
    yield from (Send(0x32, waveform), Idle(FULL_TIMEOUT))
    yield from (_END_OPTION, _GATE_VOLTAGE, _SOURCE_VOLTAGES, _COMMON_VOLTAGE)
