"""A simulated panel: takes what the wires would carry, checks it as strictly as the data sheet reads, and turns it
back into the picture on the glass.

Its limits: BUSY lasts for a number of looks at it, not for a time, so that a driver that does not wait is caught
however fast the machine is; only the commands of the V4 driver exist; deep sleep forgets the RAM, which the real
controller may or may not do.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from epaper import panel

if TYPE_CHECKING:
    from PIL import Image

TRANSFER_BYTES = 4096
RAM_BYTES_X, RAM_ROWS = 22, 296
"""The controller's RAM; the glass shows a part."""
RESET_PULSE = 0.001

# How many data bytes each command takes; the RAM commands take what the window holds.
_SIZES = {
    0x01: 3, 0x10: 1, 0x11: 1, 0x12: 0, 0x18: 1, 0x20: 0, 0x21: 2, 0x22: 1, 0x3C: 1,
    0x44: 2, 0x45: 4, 0x4E: 1, 0x4F: 2,
}  # fmt: skip
_RAM = (0x24, 0x26)
_ENTRY_XY_UP = 0x03
_DISPLAY, _DIFFERENTIAL = 0x04, 0x08


class ProtocolViolation(Exception):
    """The driver did what the real panel would punish with a wrong picture or with silence."""


class SimulatedPanel:
    """A `Port`. `glass` is what one sees, in the frame form of `panel`; it outlives power, as ink does."""

    def __init__(
        self,
        drawn: Callable[[bytes], None],
        clock: Callable[[], float],
        busy_polls: int = 3,
    ) -> None:
        """`drawn` gets the glass after each refresh; BUSY stays high for `busy_polls` looks at it."""
        self.glass = bytes(panel.FRAME_BYTES)
        self.full_refreshes = 0
        self.partials_in_row = 0
        self.stuck = False
        """BUSY never falls again."""
        self.absent = False
        """Nobody at the other end: everything is accepted, nothing answers."""
        self._drawn = drawn
        self._clock = clock
        self._busy_polls = busy_polls
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
        self._powered = on
        if not on:
            self._forget()

    def reset(self, held: bool) -> None:
        """See Port."""
        if held:
            self._held_since = self._clock()
            return
        if self._held_since is not None:
            if self._clock() - self._held_since < RESET_PULSE - 1e-6:  # a timer may fire a tick early
                raise ProtocolViolation("RST was low for less than 1 ms")
            self._asleep, self._busy, self._update, self._pending = False, 0, None, None
            self._registers()
        self._held_since = None

    def command(self, code: int) -> None:
        """See Port."""
        if self.absent:
            return
        self._expect_listening(f"command {code:02X}")
        if code not in _SIZES and code not in _RAM:
            raise ProtocolViolation(f"command {code:02X} is none of the V4 driver's")
        if self._pending is not None:
            self._expect_complete(*self._pending)
        self._pending = None if _SIZES.get(code) == 0 else (code, b"")
        if code == 0x12:
            self._registers()
            self._busy = self._busy_polls
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
        self._busy, was = max(self._busy - 1, 0), self._busy
        return was > 0

    def close(self) -> None:
        """See Port."""

    def _forget(self) -> None:
        """Power-on state: no RAM worth its name, no registers."""
        self._asleep = not self._powered
        self._busy = 0
        self._update = None
        self._pending = None
        self._ram: dict[int, bytes | None] = {0x24: None, 0x26: None}
        self._registers()

    def _registers(self) -> None:
        self._window_x = (0, RAM_BYTES_X - 1)
        self._window_y = (0, RAM_ROWS - 1)
        self._cursor = (-1, -1)
        self._entry = -1

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
            return _SIZES[code]
        return (self._window_x[1] - self._window_x[0] + 1) * (self._window_y[1] - self._window_y[0] + 1)

    def _expect_complete(self, code: int, data: bytes) -> None:
        if len(data) != self._takes(code):
            raise ProtocolViolation(f"command {code:02X} got {len(data)} bytes of data, takes {self._takes(code)}")

    def _take(self, code: int, data: bytes) -> None:
        if code in _RAM:
            self._write(code, data)
        elif code == 0x11:
            self._entry = data[0]
        elif code == 0x22:
            self._update = data[0]
        elif code == 0x44:
            self._window_x = (data[0], data[1])
        elif code == 0x45:
            self._window_y = (int.from_bytes(data[:2], "little"), int.from_bytes(data[2:], "little"))
        elif code == 0x4E:
            self._cursor = (data[0], self._cursor[1])
        elif code == 0x4F:
            self._cursor = (self._cursor[0], int.from_bytes(data, "little"))
        elif code == 0x10:
            self._forget()
            self._asleep = True

    def _write(self, code: int, data: bytes) -> None:
        """A full window leaves the address counter where it began, so the next write needs no new cursor."""
        glass = ((0, panel.ROW_BYTES - 1), (0, panel.HEIGHT - 1))
        if (self._window_x, self._window_y) != glass:
            raise ProtocolViolation(f"window {self._window_x} x {self._window_y} is not the glass {glass}")
        if self._entry != _ENTRY_XY_UP or self._cursor != (0, 0):
            raise ProtocolViolation(f"RAM write with entry mode {self._entry}, cursor {self._cursor}: would be shifted")
        self._ram[code] = data

    def _activate(self) -> None:
        if self._update is None:
            raise ProtocolViolation("20 without 22 since the last one")
        update, self._update = self._update, None
        new, old = self._ram[0x24], self._ram[0x26]
        if update & _DISPLAY:
            if new is None:
                raise ProtocolViolation("refresh of a RAM that was never written")
            if update & _DIFFERENTIAL:
                if old != self.glass:
                    raise ProtocolViolation(
                        "partial refresh without the base image: RAM 26 is not what the glass shows"
                    )
                self.partials_in_row += 1
            else:
                self.full_refreshes, self.partials_in_row = self.full_refreshes + 1, 0
            self.glass = new
            self._drawn(new)
        self._busy = self._busy_polls


class PngFile:
    """Keeps a PNG of the glass, landscape as one looks at it. A reader sees the old picture or the new one."""

    def __init__(self, path: Path) -> None:
        """The folder must exist; nothing is written yet."""
        self._path = path

    def write(self, frame: bytes) -> None:
        """Replace the file."""
        partial = self._path.with_name(f".{self._path.name}.partial")
        unpack(frame).save(partial, "PNG")
        partial.replace(self._path)


def unpack(frame: bytes) -> Image.Image:
    """A frame as it hangs on the wall: mode "1", 250 x 122; the reverse of `view.pack`."""
    from PIL import Image

    rows = Image.frombytes("1", (panel.ROW_BYTES * 8, panel.HEIGHT), frame)
    return rows.crop((0, 0, panel.WIDTH, panel.HEIGHT)).transpose(Image.Transpose.ROTATE_270)
