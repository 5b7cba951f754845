"""The reader of the glass, on pictures whose text is known."""

from __future__ import annotations

import pytest

from app.status import Device, Network, Signal
from epaper.own import Own
from epaper.page import page
from epaper.typeface import Terminus
from epaper.view import View
from tests.epaper.reading import reads

HERE = Device(
    signal=Signal("locked", 1280, 720, 60.0), network=Network("kvm", ("192.168.1.42",), name="kvm-rack3.local")
)


@pytest.mark.parametrize("text", ["kvm-rack3.local", "192.168.1.42", "1280"])
def test_what_is_on_the_glass_is_read(text: str) -> None:
    assert reads(View(Terminus()).picture(page(HERE, Own("kvm")), "as of now"), text)


@pytest.mark.parametrize("text", ["kvm-rack4.local", "192.168.1.43", "192.168.1.421", "rack3.locals"])
def test_what_is_not_there_is_not(text: str) -> None:
    assert not reads(View(Terminus()).picture(page(HERE, Own("kvm")), "as of now"), text)
