"""The USB device controller, as sysfs shows it."""

from __future__ import annotations

import errno
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from app.gadget.plan import GadgetError

if TYPE_CHECKING:
    from app.status import UsbState

_KOBJECT_UEVENT = 15
"""NETLINK_KOBJECT_UEVENT of linux/netlink.h, which Python does not name; its group 1 has the kernel's device events."""


class NoControllerError(GadgetError):
    """There is no USB device controller to bind to."""


class Controller:
    """One UDC.

    Args:
        sysfs: where sysfs is mounted.
        wanted: its name; None takes the only one there is, the first by name if there are several.
    """

    def __init__(self, sysfs: Path, wanted: str | None = None) -> None:
        self._folder = sysfs / "class" / "udc"
        self._wanted = wanted

    def name(self) -> str | None:
        """Its name now, None while there is none."""
        names = sorted(path.name for path in self._folder.iterdir()) if self._folder.is_dir() else []
        if self._wanted is None:
            return names[0] if names else None
        return self._wanted if self._wanted in names else None

    def wait(self, seconds: float) -> str:
        """Its name, as soon as it is there. Raises NoControllerError after that time."""
        deadline = time.monotonic() + seconds
        # inotify is silent about what the kernel does in sysfs: its device events say when to look again.
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _KOBJECT_UEVENT) as events:
            events.bind((0, 1))
            while (name := self.name()) is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise NoControllerError(
                        f"no USB device controller {self._wanted or ''} in {self._folder} after {seconds:g} s"
                        " (is the module loaded, and dr_mode=peripheral set?)"
                    )
                events.settimeout(left)
                try:
                    events.recv(8192)
                except TimeoutError:
                    continue
                except OSError as error:
                    if error.errno != errno.ENOBUFS:  # more events than the socket holds, as a boot brings: look again
                        raise
        return name

    def state(self) -> UsbState:
        """The kernel's own word; `absent` without a controller, `unknown` when it cannot be read."""
        from app.status import UsbState  # the one-shot that makes the keyboard never asks

        name = self.name()
        if name is None:
            return "absent"
        controller = self._folder / name
        try:
            state = (controller / "state").read_text().strip()
            asleep = any(path.read_text().strip() == "1" for path in controller.glob("device/gadget.*/suspended"))
        except OSError:
            return "unknown"
        if state not in get_args(UsbState):
            return "unknown"
        # Not every controller driver follows a suspend in `state`; the gadget's own flag always does.
        return "suspended" if state == "configured" and asleep else cast(UsbState, state)
