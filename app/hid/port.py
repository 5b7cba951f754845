"""What the output needs of one USB HID function, seen from the device's side; `hidg` and `app.sim` implement it."""

from __future__ import annotations

from typing import Protocol


class Port(Protocol):
    """One `/dev/hidgN`. Nothing here blocks.

    Source of the errors: drivers/usb/gadget/function/f_hid.c, and what was seen with dummy_hcd.
    """

    def fileno(self) -> int:
        """For the event loop: writable when no report is queued, readable when the host sent an output report.

        Raises OSError(ENODEV) while the node does not exist.
        """

    def write(self, report: bytes) -> None:
        """Queue one input report.

        Raises:
            BlockingIOError: the host has not taken the previous ones yet (EAGAIN).
            OSError: ESHUTDOWN while no host has configured us; ENODEV when the node is gone.
        """

    def read(self) -> bytes | None:
        """The next output report (lock LEDs), or None when there is none. Raises OSError like `write`."""

    def close(self) -> None:
        """Give the node back; `fileno` and `write` look for it and open it again.

        A gadget that was made anew leaves an open descriptor at ESHUTDOWN for good, so whoever meets an error closes
        and tries again, after taking the descriptor off the event loop.
        """
