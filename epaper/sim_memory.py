"""What the simulated panel's controller keeps from one command to the next: its registers, its waveform, and two pictures.

Only the commands of the three drivers exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from epaper import panel, v2, v3

RAM_BYTES_X, RAM_ROWS = 22, 296
"""The controller's RAM; the glass shows a part."""
LOAD, DIFFERENTIAL = 0x10, 0x08
"""Bits of a refresh: load a built-in waveform, drive only what changes."""

Version = Literal["v2", "v3", "v4"]

# How many data bytes each command takes; the RAM commands take what the window holds.
_COMMON = {
    0x01: 3, 0x10: 1, 0x11: 1, 0x12: 0, 0x18: 1, 0x20: 0, 0x21: 2, 0x22: 1, 0x3C: 1,
    0x44: 2, 0x45: 4, 0x4E: 1, 0x4F: 2,
}  # fmt: skip
_RAM = (0x24, 0x26)
_HOT = b"\x64\x00"


@dataclass(frozen=True, slots=True)
class Model:
    """What tells one version's controller from another's."""

    sizes: dict[int, int]
    entry_mode: int
    top: int
    """The row at which a picture begins: rows count upwards from 0, or downwards from 249."""
    differential: bytes | None = None
    """The waveform that partial refreshes need; None where waveforms are built in."""
    opposite: bool = False
    """Whether a partial refresh wants the new image's opposite as the old one, instead of what the glass shows."""


_BOTTOM = panel.HEIGHT - 1
_HANDED = {0x03: 1, 0x04: 3, 0x2C: 1}
MODELS: dict[Version, Model] = {
    "v4": Model(_COMMON | {0x1A: 2}, 0x03, 0),
    "v3": Model(_COMMON | _HANDED | {0x32: 153, 0x37: 10, 0x3F: 1}, 0x03, 0, v3.DIFFERENTIAL),
    "v2": Model(
        _COMMON | _HANDED | {0x32: 70, 0x37: 7, 0x3A: 1, 0x3B: 1, 0x74: 1, 0x7E: 1},
        0x01,
        _BOTTOM,
        v2.DIFFERENTIAL,
        True,
    ),
}


class ProtocolViolation(Exception):
    """The driver did what the real panel would punish with a wrong picture or with silence."""


class Memory:
    """Of one controller. Whatever would end in a wrong picture raises ProtocolViolation."""

    def __init__(self, version: Version) -> None:
        """As after power-on."""
        self._model = MODELS[version]
        self.forget()

    def forget(self) -> None:
        """Power went, or deep sleep came: no pictures worth their name, no registers."""
        self._ram: dict[int, bytes | None] = {0x24: None, 0x26: None}
        self.reset()

    def reset(self) -> None:
        """What the reset command does: the pictures stay."""
        self._window_x = (0, RAM_BYTES_X - 1)
        self._window_y = (0, RAM_ROWS - 1)
        self._cursor = (-1, -1)
        self._entry = -1
        self._waveform: bytes | None = None
        self.hot = False
        """A temperature was set at which the built-in waveform is a fast one."""

    def knows(self, code: int) -> bool:
        """Whether the command is one of this version's driver."""
        return code in self._model.sizes or code in _RAM

    def takes(self, code: int) -> int:
        """How many bytes of data."""
        if code not in _RAM:
            return self._model.sizes[code]
        return (self._window_x[1] - self._window_x[0] + 1) * (abs(self._window_y[1] - self._window_y[0]) + 1)

    def take(self, code: int, data: bytes) -> None:
        """Keep what a command brought."""
        match code:
            case 0x24 | 0x26:
                self._write(code, data)
            case 0x11:
                self._entry = data[0]
            case 0x1A:
                self.hot = data == _HOT
            case 0x32:
                self._waveform = data
            case 0x44:
                self._window_x = (data[0], data[1])
            case 0x45:
                self._window_y = (int.from_bytes(data[:2], "little"), int.from_bytes(data[2:], "little"))
            case 0x4E:
                self._cursor = (data[0], self._cursor[1])
            case 0x4F:
                self._cursor = (self._cursor[0], int.from_bytes(data, "little"))

    def picture(self, update: int, glass: bytes | None) -> bytes:
        """What a refresh shows.

        Args:
            update: what command 22 said.
            glass: what the ink shows, or None when nobody knows.
        """
        new, differential = self._ram[0x24], bool(update & DIFFERENTIAL)
        if new is None:
            raise ProtocolViolation("refresh of a RAM that was never written")
        self._expect_waveform(update, differential)
        if differential:
            self._expect_base(new, glass)
        return new

    def _write(self, code: int, data: bytes) -> None:
        """A full window leaves the address counter where it began, so the next write needs no new cursor."""
        top = self._model.top
        glass = ((0, panel.ROW_BYTES - 1), (top, _BOTTOM - top))
        if (self._window_x, self._window_y) != glass:
            raise ProtocolViolation(f"window {self._window_x} x {self._window_y} is not the glass {glass}")
        if self._entry != self._model.entry_mode or self._cursor != (0, top):
            raise ProtocolViolation(f"RAM write with entry mode {self._entry}, cursor {self._cursor}: would be shifted")
        rows = [data[at : at + panel.ROW_BYTES] for at in range(0, len(data), panel.ROW_BYTES)]
        self._ram[code] = b"".join(reversed(rows) if top else rows)

    def _expect_waveform(self, update: int, differential: bool) -> None:
        """A controller without built-in waveforms has the right one loaded; one with them loads it, or did."""
        if self._model.differential is None:
            if not update & LOAD and not self.hot:
                raise ProtocolViolation("refresh without a waveform")
        elif self._waveform is None or (self._waveform == self._model.differential) != differential:
            raise ProtocolViolation("refresh without the waveform it needs")

    def _expect_base(self, new: bytes, glass: bytes | None) -> None:
        old = bytes(byte ^ 0xFF for byte in new) if self._model.opposite else glass
        wanted = "the opposite of RAM 24" if self._model.opposite else "what the glass shows"
        if self._ram[0x26] != old or glass is None:
            raise ProtocolViolation(f"partial refresh without the base image: RAM 26 is not {wanted}")
