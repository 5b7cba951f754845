"""The kernel's f_hid on dummy_hcd; its host takes the mouse's reports only while a program has the mouse open, and none has."""

from __future__ import annotations

from app.gadget.apply import Gadget
from app.gadget.plan import GADGET
from app.hid.hidg import HidgPort
from tests.kernel.guest import target
from tests.kernel.guest.conftest import CONFIGFS, plug_in


class DummyCable:
    """One gadget."""

    def __init__(self) -> None:
        self._gadget = Gadget(CONFIGFS, GADGET)
        plug_in(self._gadget)
        self.port = HidgPort("hid.mouse", CONFIGFS / "usb_gadget" / GADGET)
        with target.opened(target.MOUSE):
            pass

    def turn_away(self) -> None:
        self._authorize("0")

    def turn_back(self) -> None:
        self._authorize("1")
        with target.opened(target.MOUSE):
            pass

    def close(self) -> None:
        self.port.close()
        self._gadget.down()
        target.unplugged()

    @staticmethod
    def _authorize(allowed: str) -> None:
        device = target.usb_device()
        assert device is not None
        (device / "authorized").write_text(allowed)
