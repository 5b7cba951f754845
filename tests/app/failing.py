"""The simulated appliance with two watches that fail: the temperature's always, and the clock's while FILE is there."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from app import __main__ as appliance
from app import supervisor
from app.clock import Clock
from app.heat import Heat
from app.status import Time

FILE = Path("broken")


def temperature(_heat: Heat) -> float | None:
    """As with a sensor that says what no kernel has said before."""
    raise ZeroDivisionError("a sensor of zero degrees")


async def follow(_clock: Clock, publish: Callable[[Time], None]) -> None:
    """As with a file that is there and cannot be."""
    while True:
        if FILE.exists():
            raise RuntimeError("the clock is lost")
        publish(Time(synchronised=True))
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    Heat.temperature = temperature  # type: ignore[method-assign]
    Clock.follow = follow  # type: ignore[method-assign]
    supervisor.STEADY = 2.0  # type: ignore[misc]
    sys.exit(appliance.main())
