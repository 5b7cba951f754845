"""The gadget on dummy_hcd's controller, and the HDMI input that vivid plays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.gadget.apply import Gadget
from app.gadget.plan import GADGET, INPUT, Entry, Identity, plan
from app.video.v4l2 import V4L2Source, find_capture
from tests.kernel.guest import target
from tests.kernel.guest.bridge import Bridge

CONFIGFS = Path("/sys/kernel/config")
UDC = "dummy_udc.0"


@pytest.fixture
def wanted() -> tuple[Entry, ...]:
    return plan(Identity("KVM", "0123"), INPUT)


@pytest.fixture
def gadget() -> Iterator[Gadget]:
    """The gadget's folder, not there yet, and gone afterwards."""
    result = Gadget(CONFIGFS, GADGET)
    yield result
    result.down()
    target.unplugged()


@pytest.fixture
def folder(gadget: Gadget, wanted: tuple[Entry, ...]) -> Path:
    """The folder of the gadget, which is up."""
    gadget.up(wanted, UDC)
    return CONFIGFS / "usb_gadget" / GADGET


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    """The HDMI cable, with 720p60 on it before and after."""
    result = Bridge(find_capture())
    result.mode("1280x720p60")
    result.moving()
    yield result
    result.edid()
    result.mode("1280x720p60")


@pytest.fixture
def source(bridge: Bridge) -> Iterator[V4L2Source]:
    """The HDMI input."""
    result = V4L2Source(find_capture())
    result.changed()
    yield result
    result.close()
