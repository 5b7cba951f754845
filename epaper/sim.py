"""A simulated panel: takes what the wires would carry, checks it as strictly as the data sheets read, and turns it
back into the picture on the glass.

Its limits: BUSY lasts as long as published measurements say, on the clock it is given, and at least for one look at it;
only the commands of the three drivers exist; deep sleep forgets the RAM, which the real controller may or may not do;
of an interrupted refresh it only knows that the picture is spoiled.
"""

from __future__ import annotations

from collections.abc import Callable

from epaper import panel
from epaper.sim_memory import DIFFERENTIAL, LOAD, Memory, ProtocolViolation, Version

TRANSFER_BYTES = 4096
RESET_PULSE = 0.001

SOFT_RESET_TIME, POWER_TIME, LOAD_TIME = 0.010, 0.095, 0.010
FULL_TIME, FAST_TIME, PARTIAL_TIME = 2.0, 1.5, 0.457
"""Seconds of BUSY."""

_ANALOGUE_ON, _DISPLAY, _ANALOGUE_OFF = 0x40, 0x04, 0x02
"""Bits of a refresh."""


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
        self.refreshed_at: float | None = None
        """When the latest refresh began, on the clock."""
        self.spoiled = False
        """Power went in the middle of a refresh, and nothing was drawn since."""
        self.stuck = False
        """BUSY never falls again."""
        self.absent = False
        """Nobody at the other end: everything is accepted, nothing answers."""
        self.rise = 0.0
        """Seconds from a command until BUSY says so; it takes no other one in between."""
        self._drawn = drawn
        self._clock = clock
        self._memory = Memory(version)
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
        if not self._memory.knows(code):
            raise ProtocolViolation(f"command {code:02X} is none of this version's driver")
        if self._pending is not None:
            self._expect_complete(*self._pending)
        self._pending = None if self._memory.takes(code) == 0 else (code, b"")
        if code == 0x12:
            self._memory.reset()
            self._analogue = False
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
        if len(data) >= self._memory.takes(code):
            self._expect_complete(code, data)
            self._pending = None
            self._take(code, data)

    def busy(self) -> bool:
        """See Port."""
        if self.absent:
            return False
        if self.stuck:
            return True
        if self._clock() < self._rises:
            return False
        was, self._unseen = self._busy, False
        return was

    def close(self) -> None:
        """See Port."""

    @property
    def _busy(self) -> bool:
        return self._unseen or self._clock() < self._busy_until

    def _work(self, seconds: float) -> None:
        """Raise BUSY, for one look at least: a driver that does not look is caught however fast the machine is."""
        self._rises = self._clock() + self.rise
        self._busy_until, self._unseen = self._rises + seconds * self._slowness, True

    def _idle(self) -> None:
        self._rises, self._busy_until, self._unseen, self._refreshing = 0.0, 0.0, False, False
        self._update = self._pending = None

    def _forget(self) -> None:
        """Power-on state."""
        self._asleep = not self._powered
        self._idle()
        self._memory.forget()
        self._analogue = False

    def _expect_listening(self, what: str) -> None:
        if not self._powered:
            raise ProtocolViolation(f"{what} without power")
        if self._held_since is not None:
            raise ProtocolViolation(f"{what} while RST is low")
        if self._asleep:
            raise ProtocolViolation(f"{what} in deep sleep, before a reset")
        if self._busy or self.stuck:
            raise ProtocolViolation(f"{what} while BUSY is high")

    def _expect_complete(self, code: int, data: bytes) -> None:
        if len(data) != self._memory.takes(code):
            raise ProtocolViolation(
                f"command {code:02X} got {len(data)} bytes of data, takes {self._memory.takes(code)}"
            )

    def _take(self, code: int, data: bytes) -> None:
        match code:
            case 0x10:
                self._forget()
                self._asleep = True
            case 0x22:
                self._update = data[0]
            case _:
                self._memory.take(code, data)

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
        if not self._analogue:
            raise ProtocolViolation("refresh with the analogue part switched off")
        new = self._memory.picture(update, None if self.spoiled else self.glass)
        if update & DIFFERENTIAL:
            self.partials_in_row += 1
            self.ghosts += (int.from_bytes(new) ^ int.from_bytes(self.glass)).bit_count()
            self._work(PARTIAL_TIME)
        else:
            self.full_refreshes, self.partials_in_row, self.ghosts = self.full_refreshes + 1, 0, 0
            self._work(FAST_TIME if self._memory.hot and not update & LOAD else FULL_TIME)
        self._refreshing, self.spoiled, self.refreshed_at = True, False, self._clock()
        self.glass = new
        self._drawn(new)
