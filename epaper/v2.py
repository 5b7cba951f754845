"""Version 2 of the panel (SSD1675B class): it is handed its waveforms, and its rows are written from the last to the first.

Source of every byte: Waveshare's `epd2in13_V2` driver. A waveform is five rows of levels (black to black, black to white,
white to black, white to white, common electrode) in seven phases, then the phases' lengths and repetitions.
"""

from __future__ import annotations

from collections.abc import Iterator

from epaper import v4
from epaper.panel import (
    FULL_TIMEOUT,
    HEIGHT,
    PARTIAL_TIMEOUT,
    ROW_BYTES,
    Idle,
    Pause,
    Send,
    Step,
    checked,
    pulse,
    ram_new,
    ram_old,
    refresh,
)


def _waveform(levels: tuple[str, ...], phases: tuple[str, ...]) -> bytes:
    """Rows in hexadecimal without their trailing zeros, and without trailing empty rows."""
    table = b"".join(bytes.fromhex(row).ljust(7, b"\0") for row in levels).ljust(5 * 7, b"\0")
    return table + b"".join(bytes.fromhex(row).ljust(5, b"\0") for row in phases).ljust(7 * 5, b"\0")


FLASHING = _waveform(("806040", "106020", "806040", "106020"), ("0303000002", "0909000002", "0303000002"))
DIFFERENTIAL = _waveform(("", "80", "40"), ("0A",))

_ANALOGUE, _DIGITAL = Send(0x74, b"\x54"), Send(0x7E, b"\x3b")
_ENTRY_MODE = Send(0x11, b"\x01")  # X upwards, Y downwards
_WINDOW = (Send(0x44, bytes([0x00, 0x0F])), Send(0x45, bytes([0xF9, 0x00, 0x00, 0x00])))
_CURSOR = (Send(0x4E, b"\x00"), Send(0x4F, b"\xf9\x00"))
_BORDER, _BORDER_PARTIAL = Send(0x3C, b"\x03"), Send(0x3C, b"\x01")
_COMMON_VOLTAGE, _COMMON_VOLTAGE_PARTIAL = Send(0x2C, b"\x55"), Send(0x2C, b"\x26")
_GATE_VOLTAGE = Send(0x03, b"\x15")
_SOURCE_VOLTAGES = Send(0x04, bytes([0x41, 0xA8, 0x32]))
_DUMMY_LINES, _GATE_TIME = Send(0x3A, b"\x30"), Send(0x3B, b"\x0a")
_OPTIONS = Send(0x37, bytes([0, 0, 0, 0, 0x40, 0, 0]))
_POWER_ON = 0xC0


def init() -> Iterator[Step]:
    """See Controller."""
    yield from pulse(0.005, 0.200)
    yield from (Idle(FULL_TIMEOUT), v4.SOFT_RESET, Idle(FULL_TIMEOUT))
    yield from (_ANALOGUE, _DIGITAL, v4.GATES, _ENTRY_MODE, *_WINDOW, _BORDER, _COMMON_VOLTAGE)
    yield from (_GATE_VOLTAGE, _SOURCE_VOLTAGES, _DUMMY_LINES, _GATE_TIME)
    yield from (Send(0x32, FLASHING), *_CURSOR, Idle(FULL_TIMEOUT))


def full(frame: bytes) -> Iterator[Step]:
    """See Controller."""
    yield ram_new(_downwards(frame))
    yield from refresh(0xC7)


def base(frame: bytes) -> Iterator[Step]:
    """See Controller."""
    rows = _downwards(frame)
    yield from (ram_new(rows), ram_old(rows))
    yield from refresh(0xC7)


def fast(frame: bytes) -> Iterator[Step]:
    """See Controller; there is one flashing waveform only."""
    yield from init()
    yield from base(frame)


def restore(frame: bytes) -> Iterator[Step]:
    """See Controller; the next partial refresh writes both images anyway."""
    checked(frame)
    yield from ()


def partial(frame: bytes) -> Iterator[Step]:
    """Drive every pixel: the old image is the new one's opposite, so that none counts as unchanged."""
    rows = _downwards(frame)
    yield from pulse(0.005, 0.200)
    yield from (Idle(PARTIAL_TIMEOUT), _COMMON_VOLTAGE_PARTIAL, Idle(FULL_TIMEOUT), Send(0x32, DIFFERENTIAL), _OPTIONS)
    yield from refresh(_POWER_ON, PARTIAL_TIMEOUT)
    yield from (_BORDER_PARTIAL, ram_new(rows), ram_old(bytes(byte ^ 0xFF for byte in rows)))
    yield from refresh(0x0C, PARTIAL_TIMEOUT)


def deep_sleep() -> Iterator[Step]:
    """See Controller."""
    yield from (Idle(FULL_TIMEOUT), Send(0x10, b"\x03"), Pause(0.100))


def _downwards(frame: bytes) -> bytes:
    """The rows in the order in which this version's address counter runs."""
    checked(frame)
    return b"".join(frame[row * ROW_BYTES : (row + 1) * ROW_BYTES] for row in reversed(range(HEIGHT)))
