"""The real hardware: the kernel's V4L2 input, HID gadget nodes and USB device controller."""

from __future__ import annotations

from pathlib import Path

from app.gadget.plan import GADGET
from app.gadget.udc import Controller
from app.hid.hidg import HidgPort
from app.status import UsbState
from app.video.source import Source


class Board:
    """Implements `app.hardware.Hardware`.

    Args:
        video: the capture node to use; None finds it by what it is.
    """

    def __init__(self, video: Path | None) -> None:
        self._video = video
        self._gadget = Path("/sys/kernel/config/usb_gadget") / GADGET
        self._controller = Controller(Path("/sys"))

    def open_source(self) -> Source:
        """The HDMI input."""
        from app.video import v4l2  # loads the kernel's structures, on the video thread

        return v4l2.V4L2Source(self._video or v4l2.find_capture())

    def port(self, name: str) -> HidgPort:
        """One HID function of the gadget."""
        return HidgPort(f"hid.{name}", self._gadget)

    def usb_state(self) -> UsbState:
        """What the kernel says."""
        return self._controller.state()

    def close(self) -> None:
        """Nothing is held here."""
