"""The simulated appliance with a target that changes its mode when it is told to: SIGUSR1."""

from __future__ import annotations

import signal
import sys
import threading

from PIL import Image

from app import __main__ as appliance
from app.sim import machine
from app.sim.board import Screen, SimSource
from app.status import Signal
from app.video.frame import RawFormat

LARGE = (1600, 900)


class _Framed:
    """A larger screen with the target's in its lower left corner, where the strip is looked for."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def draw(self, frame: int) -> Image.Image:
        inner = self._screen.draw(frame)
        image = Image.new("RGB", LARGE, (70, 70, 90))
        image.paste(inner, (0, LARGE[1] - inner.height))
        return image


class ChangingSource(SimSource):
    """Switches to the large mode as the board does: an event, and other timings when it is asked."""

    wanted = threading.Event()

    def changed(self) -> bool:
        if self.wanted.is_set() and self._signal.width != LARGE[0]:
            self._screen = _Framed(self._screen)
            self._signal = Signal("locked", *LARGE, self._raw.fps)
            self._changed = True
        return super().changed()

    def start(self) -> tuple[RawFormat, tuple[int, ...]]:
        mode = self._signal
        self._raw = RawFormat(mode.width, mode.height, "UYVY", mode.width * 2, mode.width * 2 * mode.height, mode.fps)
        return super().start()


if __name__ == "__main__":
    machine.SimSource = ChangingSource  # type: ignore[misc]
    signal.signal(signal.SIGUSR1, lambda _number, _frame: ChangingSource.wanted.set())
    sys.exit(appliance.main())
