"""A simulated panel: takes what the wires would carry, checks it as strictly as the data sheets read, and turns it
back into the picture on the glass.

Its limits: BUSY lasts as long as published measurements say, on the clock it is given, and at least for one look at it;
only the commands of the three drivers exist; deep sleep forgets the RAM, which the real controller may or may not do;
of an interrupted refresh it only knows that the picture is spoiled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from epaper import panel, v2, v3

TRANSFER_BYTES = 4096
RAM_BYTES_X, RAM_ROWS = 22, 296
"""The controller's RAM; the glass shows a part."""
RESET_PULSE = 0.001

SOFT_RESET_TIME, POWER_TIME, LOAD_TIME = 0.010, 0.095, 0.010
FULL_TIME, FAST_TIME, PARTIAL_TIME = 2.0, 1.5, 0.457
"""Seconds of BUSY."""

Version = Literal["v2", "v3", "v4"]

# How many data bytes each command takes; the RAM commands take what the window holds.
_COMMON = {
    0x01: 3, 0x10: 1, 0x11: 1, 0x12: 0, 0x18: 1, 0x20: 0, 0x21: 2, 0x22: 1, 0x3C: 1,
    0x44: 2, 0x45: 4, 0x4E: 1, 0x4F: 2,
}  # fmt: skip
_RAM = (0x24, 0x26)
_ANALOGUE_ON, _DISPLAY, _DIFFERENTIAL, _ANALOGUE_OFF = 0x40, 0x04, 0x08, 0x02
_LOAD = 0x10
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


class SimulatedPanel:
    """A `Port`. `glass` is what one sees, in the frame form of `panel`; it outlives power, as ink does."""

    def __init__(
        self,
        drawn: Callable[[bytes], None],
        clock: Callable[[], float],
        version: Version = "v4",
        slowness: float = 1.0,
    ) -> None:
        """`drawn` gets the glass at each refresh; `clock` is in seconds, and BUSY lasts `slowness` times what is usual."""
        self.glass = bytes(panel.FRAME_BYTES)
        self.full_refreshes = 0
        self.partials_in_row = 0
        self.ghosts = 0
        """Ghosting debt: pixels driven without flashing since the last flashing refresh, repetitions counted."""
        self.spoiled = False
        """Power went in the middle of a refresh, and nothing was drawn since."""
        self.stuck = False
        """BUSY never falls again."""
        self.absent = False
        """Nobody at the other end: everything is accepted, nothing answers."""
        self._drawn = drawn
        self._clock = clock
        self._model = MODELS[version]
        self._slowness = slowness
        self._powered = False
        self._held_since: float | None = None
        self._update: int | None = None
        self._pending: tuple[int, bytes] | None = None
        self._forget()

    @property
    def asleep(self) -> bool:
        """In deep sleep, or without power."""
        return self._asleep

    def power(self, on: bool) -> None:
        """See Port."""
        if not on and self._refreshing and self._clock() < self._busy_until:
            self.spoiled = True
        self._powered = on
        if not on:
            self._held_since = None
            self._forget()

    def reset(self, held: bool) -> None:
        """See Port. Registers survive, as the vendor's partial refreshes rely on."""
        if held:
            self._held_since = self._clock()
            return
        if self._held_since is not None:
            if self._clock() - self._held_since < RESET_PULSE - 1e-6:  # a timer may fire a tick early
                raise ProtocolViolation("RST was low for less than 1 ms")
            self._asleep = not self._powered
            self._idle()
        self._held_since = None

    def command(self, code: int) -> None:
        """See Port."""
        if self.absent:
            return
        self._expect_listening(f"command {code:02X}")
        if code not in self._model.sizes and code not in _RAM:
            raise ProtocolViolation(f"command {code:02X} is none of this version's driver")
        if self._pending is not None:
            self._expect_complete(*self._pending)
        self._pending = None if self._model.sizes.get(code) == 0 else (code, b"")
        if code == 0x12:
            self._registers()
            self._work(SOFT_RESET_TIME)
        elif code == 0x20:
            self._activate()

    def data(self, data: bytes) -> None:
        """See Port."""
        if len(data) > TRANSFER_BYTES:
            raise ProtocolViolation(f"transfer of {len(data)} bytes, spidev takes {TRANSFER_BYTES}")
        if self.absent:
            return
        self._expect_listening("data")
        if self._pending is None:
            raise ProtocolViolation(f"{len(data)} bytes of data that no command takes")
        code, data = self._pending[0], self._pending[1] + data
        self._pending = (code, data)
        if len(data) >= self._takes(code):
            self._expect_complete(code, data)
            self._pending = None
            self._take(code, data)

    def busy(self) -> bool:
        """See Port."""
        if self.absent:
            return False
        if self.stuck:
            return True
        was, self._unseen = self._busy, False
        return was

    def close(self) -> None:
        """See Port."""

    @property
    def _busy(self) -> bool:
        return self._unseen or self._clock() < self._busy_until

    def _work(self, seconds: float) -> None:
        """Raise BUSY, for one look at least: a driver that does not look is caught however fast the machine is."""
        self._busy_until, self._unseen = self._clock() + seconds * self._slowness, True

    def _idle(self) -> None:
        self._busy_until, self._unseen, self._refreshing = 0.0, False, False
        self._update = self._pending = None

    def _forget(self) -> None:
        """Power-on state: no RAM worth its name, no registers."""
        self._asleep = not self._powered
        self._idle()
        self._ram: dict[int, bytes | None] = {0x24: None, 0x26: None}
        self._registers()

    def _registers(self) -> None:
        self._window_x = (0, RAM_BYTES_X - 1)
        self._window_y = (0, RAM_ROWS - 1)
        self._cursor = (-1, -1)
        self._entry = -1
        self._waveform: bytes | None = None
        self._analogue = self._hot = False

    def _expect_listening(self, what: str) -> None:
        if not self._powered:
            raise ProtocolViolation(f"{what} without power")
        if self._held_since is not None:
            raise ProtocolViolation(f"{what} while RST is low")
        if self._asleep:
            raise ProtocolViolation(f"{what} in deep sleep, before a reset")
        if self._busy or self.stuck:
            raise ProtocolViolation(f"{what} while BUSY is high")

    def _takes(self, code: int) -> int:
        """How many bytes of data."""
        if code not in _RAM:
            return self._model.sizes[code]
        return (self._window_x[1] - self._window_x[0] + 1) * (abs(self._window_y[1] - self._window_y[0]) + 1)

    def _expect_complete(self, code: int, data: bytes) -> None:
        if len(data) != self._takes(code):
            raise ProtocolViolation(f"command {code:02X} got {len(data)} bytes of data, takes {self._takes(code)}")

    def _take(self, code: int, data: bytes) -> None:
        match code:
            case 0x24 | 0x26:
                self._write(code, data)
            case 0x10:
                self._forget()
                self._asleep = True
            case 0x11:
                self._entry = data[0]
            case 0x1A:
                self._hot = data == _HOT
            case 0x22:
                self._update = data[0]
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

    def _activate(self) -> None:
        if self._update is None:
            raise ProtocolViolation("20 without 22 since the last one")
        update, self._update = self._update, None
        self._analogue |= bool(update & _ANALOGUE_ON)
        if update & _DISPLAY:
            self._display(update)
        else:
            self._work(POWER_TIME if update & _ANALOGUE_ON else LOAD_TIME)
        if update & _ANALOGUE_OFF:
            self._analogue = False

    def _display(self, update: int) -> None:
        new, differential = self._ram[0x24], bool(update & _DIFFERENTIAL)
        if new is None:
            raise ProtocolViolation("refresh of a RAM that was never written")
        if not self._analogue:
            raise ProtocolViolation("refresh with the analogue part switched off")
        self._expect_waveform(update, differential)
        if differential:
            self._expect_base(new)
            self.partials_in_row += 1
            self.ghosts += (int.from_bytes(new) ^ int.from_bytes(self.glass)).bit_count()
            self._work(PARTIAL_TIME)
        else:
            self.full_refreshes, self.partials_in_row, self.ghosts = self.full_refreshes + 1, 0, 0
            self._work(FAST_TIME if self._hot and not update & _LOAD else FULL_TIME)
        self._refreshing, self.spoiled = True, False
        self.glass = new
        self._drawn(new)

    def _expect_waveform(self, update: int, differential: bool) -> None:
        """A controller without built-in waveforms has the right one loaded; one with them loads it, or did."""
        if self._model.differential is None:
            if not update & _LOAD and not self._hot:
                raise ProtocolViolation("refresh without a waveform")
        elif self._waveform is None or (self._waveform == self._model.differential) != differential:
            raise ProtocolViolation("refresh without the waveform it needs")

    def _expect_base(self, new: bytes) -> None:
        old = bytes(byte ^ 0xFF for byte in new) if self._model.opposite else self.glass
        if self._ram[0x26] != old or self.spoiled:
            raise ProtocolViolation(f"partial refresh without the base image: RAM 26 is not {self._wanted}")

    @property
    def _wanted(self) -> str:
        return "the opposite of RAM 24" if self._model.opposite else "what the glass shows"
