"""Whether the target has suspended the bus, as the bound gadget's flag in sysfs says."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


class Suspended:
    """The flag. It is read before every report, so its file stays open.

    Source: `suspended_show` in drivers/usb/gadget/composite.c. The file comes and goes with the binding of the gadget. That it is
    ours its controller says: ConfigFS's `UDC` would too, but makes whoever reads it wait while a gadget is bound.

    Args:
        gadget: the gadget's name.
        controllers: where sysfs lists them.
    """

    def __init__(self, gadget: str, controllers: Path) -> None:
        self._gadget = gadget
        self._controllers = controllers
        self._descriptor: int | None = None

    def __call__(self) -> bool:
        """The flag now; False where there is none to read."""
        for _ in range(2):
            try:
                if self._descriptor is None:
                    self._descriptor = os.open(self._find(), os.O_RDONLY | os.O_CLOEXEC)
                return os.pread(self._descriptor, 1, 0) == b"1"
            except OSError:  # of a binding that is gone: there may be another one
                self.close()
        return False

    def close(self) -> None:
        """Give the file back; asking again opens it again."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None

    def _find(self) -> Path:
        for path in self._controllers.glob("*/device/gadget.*/suspended"):
            if (path.parents[2] / "function").read_text().strip() == self._gadget:
                return path
        raise FileNotFoundError(f"{self._gadget} is bound to no controller in {self._controllers}")
