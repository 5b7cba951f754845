"""Lets go of all that a daemon held when it died: `python3 -m app.hands_off`, which systemd runs after its end.

The kernel sends nothing when a node is closed, so keys stay down, and the next daemon takes seconds to start.
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from app.gadget.plan import GADGET
from app.hid.hidg import HidgPort
from app.hid.keyboard import RELEASED
from app.hid.media import CONSUMER_RELEASED, SYSTEM_RELEASED
from app.hid.mouse import MOUSE_RELEASED, Pointer
from app.hid.port import Port

_PATIENCE = 1.0
"""Seconds for everything. A host that sleeps, or is not there, takes nothing however long it is waited for."""

REPORTS = {
    "keyboard": (RELEASED,),
    "pointer": (Pointer().report(),),  # where the next daemon will have it
    "mouse": (MOUSE_RELEASED,),
    "media": (CONSUMER_RELEASED, SYSTEM_RELEASED),
}


def let_go(port: Callable[[str], Port], patience: float = _PATIENCE) -> None:
    """Tell the host that nothing is held, as far as it takes that.

    Args:
        port: of a function, by its name.
        patience: seconds until it is given up.
    """
    until = time.monotonic() + patience
    for name, reports in REPORTS.items():
        node = port(name)
        for report in reports:
            with suppress(OSError):
                _write(node, report, until)
        node.close()


def _write(port: Port, report: bytes, until: float) -> None:
    """Write once the host has taken what was written before. Raises OSError; BlockingIOError when that takes too long."""
    while True:
        try:
            return port.write(report)
        except BlockingIOError:
            if not select.select([], [port], [], max(0.0, until - time.monotonic()))[1]:
                raise


def main(environment: Mapping[str, str]) -> int:
    """0, whatever became of it. Does nothing after an orderly stop: the daemon has let go itself, with the pointer where it was."""
    if environment.get("SERVICE_RESULT") != "success":
        let_go(lambda name: HidgPort(f"hid.{name}", Path("/sys/kernel/config/usb_gadget") / GADGET))
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
