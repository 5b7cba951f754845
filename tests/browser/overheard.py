"""The simulated appliance that notes what pages say to it, and whose target has the fate that a test writes down.

The page's control socket is on a worker's thread, where the browser's own tools do not look. Beside the appliance's state, `said` gets
a line of JSON for each message, and `fate` is looked for: `host` and a method of SimHost; `cable out`; or `signal` and the state
that everybody is told, until the video says something else.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from app import __main__ as appliance
from app.sim import machine
from app.status import Signal
from app.web.ws_control import ControlSocket

SAID, FATE = Path("said"), Path("fate")
_LOOK = 0.05
"""Seconds."""


class Overheard(ControlSocket):
    """Notes each message before it is read."""

    last: Overheard | None = None

    def opened(self) -> None:
        Overheard.last = self
        super().opened()

    def on_message(self, message: str | bytes) -> None:
        with SAID.open("a") as said:
            said.write(f"{json.dumps(json.loads(message))}\n")
        super().on_message(message)


class FatedMachine(machine.SimMachine):
    """Looks for its fate now and then."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._looking = loop.create_task(self._look())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            if FATE.exists():
                kind, what = FATE.read_text().split()
                if kind == "signal" and Overheard.last is None:
                    continue  # a page may be live before its control socket is
                FATE.unlink()
                if kind == "host":
                    getattr(self.host, what)()
                elif kind == "cable":
                    self.bridge.plug(False)
                elif Overheard.last is not None:
                    Overheard.last.services.bus.publish(Signal(what, reason="because"))  # type: ignore[arg-type]


if __name__ == "__main__":
    from app.web import server

    server.ControlSocket = Overheard  # type: ignore[misc]
    machine.SimMachine = FatedMachine  # type: ignore[misc]
    sys.exit(appliance.main())
