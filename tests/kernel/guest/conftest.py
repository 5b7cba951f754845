"""The gadget on dummy_hcd's controller."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.gadget.apply import Gadget
from app.gadget.plan import GADGET, INPUT, Entry, Identity, plan
from tests.kernel.guest import target

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
