"""What the output needs of one USB HID function, seen from the device's side; `hidg` and `app.sim` implement it."""

from __future__ import annotations

import errno
from typing import Protocol

_WHY = {
    errno.ESHUTDOWN: "the target has not set up its USB devices: it is off, starting, or not plugged in",
    errno.ENODEV: "the USB devices are not up",
}


def words(error: OSError) -> str:
    """Why a port refuses, for the user."""
    return _WHY.get(error.errno or 0) or error.strerror or str(error)


class Port(Protocol):
    """One `/dev/hidgN`. Nothing here blocks.

    Source of the errors: drivers/usb/gadget/function/f_hid.c, and what was seen with dummy_hcd.
    """

    def fileno(self) -> int:
        """For the event loop: writable when no report is queued, readable when the host sent an output report or has gone.

        Raises OSError(ENODEV) where the node does not exist. It is looked for once, and then not before `close` again.
        """

    def write(self, report: bytes) -> None:
        """Queue one input report.

        Raises:
            BlockingIOError: the host has not taken the previous ones yet (EAGAIN).
            OSError: ESHUTDOWN while no host has configured us; ENODEV when the node is gone.
        """

    def asleep(self) -> bool:
        """Whether the host has suspended the bus: a report that is queued now is taken when it wakes, however much later."""

    def read(self) -> bytes | None:
        """The next output report (lock LEDs), or None when there is none.

        Raises OSError like `write`, and that is the only word about a report which the kernel has lost: `f_hidg_req_complete` tells nobody.
        """

    def close(self) -> None:
        """Give the node back; `fileno` and `write` look for it and open it again.

        A gadget that was made anew leaves an open descriptor at ESHUTDOWN for good, so whoever meets an error closes
        and tries again, after taking the descriptor off the event loop.
        """
