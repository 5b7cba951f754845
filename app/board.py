"""The real hardware: the kernel's V4L2 input, HID gadget nodes and USB device controller."""

from __future__ import annotations

from pathlib import Path

from app.gadget.apply import Gadget
from app.gadget.plan import GADGET
from app.gadget.request import Requests, Switch
from app.gadget.udc import Controller
from app.hid.hidg import HidgPort
from app.status import UsbState
from app.video.codec import Codec
from app.video.source import Source


class Board:
    """Implements `app.hardware.Hardware`.

    Args:
        video: the capture node to use; None finds it by what it is.
        state: the state folder, where root's one-shot finds what is asked of the gadget.
    """

    def __init__(self, video: Path | None, state: Path) -> None:
        self._video = video
        configfs = Path("/sys/kernel/config")
        self._gadget = configfs / "usb_gadget" / GADGET
        self._switch = Requests(state, Path("/run/inkvm-gadget"), Gadget(configfs, GADGET))
        self._controller = Controller(Path("/sys"))

    def open_source(self) -> Source:
        """The HDMI input."""
        from app.video import finder  # loads the kernel's structures, on the video thread

        return finder.open_source(self._video or finder.find_capture())

    def open_codec(self) -> Codec:
        """The H.264 encoder."""
        from app.video import finder

        return finder.find_codec("H264")

    def port(self, name: str) -> HidgPort:
        """A descriptor of its own for each; see `app.gadget.descriptors` for why two of them share a function."""
        return HidgPort("hid.media" if name in {"consumer", "system"} else f"hid.{name}", self._gadget)

    def usb_state(self) -> UsbState:
        """What the kernel says."""
        return self._controller.state()

    @property
    def switch(self) -> Switch:
        """Through root's one-shot."""
        return self._switch

    def close(self) -> None:
        """Nothing is held here."""
