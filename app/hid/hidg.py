"""One `/dev/hidgN` of the running gadget."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from app.hid.suspend import Suspended

_LONGEST_REPORT = 64


class HidgPort:
    """Implements `app.hid.port.Port` for one HID function.

    The kernel numbers the nodes in the order in which functions were made: the function is asked for its device
    number, and the node looked up by that.

    Args:
        function: its folder in the gadget, such as `hid.keyboard`.
        gadget: the gadget's folder in ConfigFS.
        nodes: where sysfs lists the nodes.
        dev: where the nodes are.
        controllers: where sysfs lists the USB device controllers.
    """

    def __init__(
        self,
        function: str,
        gadget: Path,
        nodes: Path = Path("/sys/class/hidg"),
        dev: Path = Path("/dev"),
        controllers: Path = Path("/sys/class/udc"),
    ) -> None:
        self._number = gadget / "functions" / function / "dev"
        self._suspended = Suspended(gadget.name, controllers)
        self._nodes = nodes
        self._dev = dev
        self._descriptor: int | None = None
        self._missing = False
        """Whether it was looked for in vain: it is not again before `close`."""

    def fileno(self) -> int:
        """The open node."""
        if self._descriptor is None:
            self._descriptor = None if self._missing else self._find()
            self._missing = self._descriptor is None
        if self._descriptor is None:
            raise OSError(errno.ENODEV, f"USB function {self._number.parent.name} is not up")
        return self._descriptor

    def write(self, report: bytes) -> None:
        """Queue one input report."""
        os.write(self.fileno(), report)

    def read(self) -> bytes | None:
        """The host's last output report, once."""
        try:
            return os.read(self.fileno(), _LONGEST_REPORT)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno != errno.ENOMEM:
                raise
            # What f_hidg_ssreport_read says, for a function without an OUT endpoint, where f_hidg_intout_read says the other.
            raise OSError(errno.ESHUTDOWN, os.strerror(errno.ESHUTDOWN)) from error

    def asleep(self) -> bool:
        """As the gadget's own flag says."""
        return self._suspended()

    def close(self) -> None:
        """Give the node back."""
        self._suspended.close()
        self._missing = False
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _find(self) -> int | None:
        """The function's node, opened; None where the function or its node does not exist."""
        try:
            number = self._number.read_text()
            for node in self._nodes.iterdir():
                if (node / "dev").read_text() == number:
                    return os.open(self._dev / node.name, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            pass
        return None
