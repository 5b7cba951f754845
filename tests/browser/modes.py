"""The simulated appliance with a target that changes its mode when it is told to: SIGUSR1."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable

from PIL import Image

from app import __main__ as appliance
from app.sim import bridge, machine
from app.sim.board import Screen, SimNode

LARGE = (1600, 900)


class _Framed:
    """A screen that grows: the larger one has the target's in its lower left corner, where the strip is looked for."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self.large = False

    def draw(self, frame: int) -> Image.Image:
        inner = self._screen.draw(frame)
        if not self.large:
            return inner
        image = Image.new("RGB", LARGE, (70, 70, 90))
        image.paste(inner, (0, LARGE[1] - inner.height))
        return image


class ChangingNode(SimNode):
    """Switches to the large mode when it is told to."""

    wanted = threading.Event()

    def __init__(self, bridge: bridge.Bridge, clock: Callable[[], int], screen: Screen) -> None:
        self._screen = _Framed(screen)
        super().__init__(bridge, clock, self._screen)

    def advance(self) -> None:
        if self.wanted.is_set():
            self._bridge.send(bridge.mode(*LARGE, 30))
        self._screen.large = self._format.width == LARGE[0]
        super().advance()


if __name__ == "__main__":
    machine.SimNode = ChangingNode  # type: ignore[misc]
    signal.signal(signal.SIGUSR1, lambda _number, _frame: ChangingNode.wanted.set())
    sys.exit(appliance.main())
