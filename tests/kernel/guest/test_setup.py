"""A device that nobody has set up: its own access point, the code on its panel, and the page that a telephone is led to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import zxingcpp

from app.status import Device
from epaper.own import Own
from epaper.page import page
from epaper.typeface import Terminus
from epaper.view import View
from tests.kernel.guest.networked import Daemon, card, forget
from tests.kernel.guest.telephone import PROBES
from tests.kernel.guest.wireless import OVERLAY, Neighbour, run

pytestmark = pytest.mark.soak

_ESCAPED = re.compile(r"\\(.)")


@pytest.fixture(scope="module", autouse=True)
def firewall() -> None:
    run("nft", "-f", str(OVERLAY / "etc/nftables.conf"))


@pytest.fixture
def device(others: list[Neighbour], tmp_path: Any) -> Iterator[Daemon]:
    """Nobody's."""
    result = Daemon(tmp_path, claimed=False)
    yield result
    result.stop()
    forget()


def code(shown: Device) -> str:
    """What a telephone's camera reads from the panel's picture."""
    picture = View(Terminus()).picture(page(shown, Own("inkvm")), "as of now").convert("L")
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


@contextmanager
def invited(telephone: Neighbour, shown: Device) -> Iterator[None]:
    """By the code alone."""
    fields = re.fullmatch(r"WIFI:T:WPA;S:((?:[^\\;]|\\.)*);P:((?:[^\\;]|\\.)*);;", code(shown))
    assert fields
    ssid, passphrase = (_ESCAPED.sub(r"\1", field) for field in fields.groups())
    with telephone.joined(ssid, passphrase):
        yield


def uses(telephone: Neighbour, form: str = "") -> Any:
    """What it sees there."""
    return json.loads(
        telephone.inside(
            "python3", "-m", "tests.kernel.guest.telephone", telephone.interface, *([form] if form else [])
        )
    )


def test_a_telephone_is_led_to_the_page_and_joins_it_to_a_third_network(
    device: Daemon, near: Neighbour, far: Neighbour
) -> None:
    with near.network("third"):
        shown = device.shows(lambda shown: shown.hotspot)
        assert shown.hotspot is not None
        assert re.fullmatch("inkvm-[0-9a-f]{4}", shown.hotspot.ssid)
        assert shown.hotspot.passphrase not in json.dumps(str(shown.public()))
        with invited(far, shown):
            form = f"ssid={b'third'.hex()}&passphrase=not+the+horse"
            seen = uses(far, form)
            assert seen["server"] == "10.42.0.1"
            assert seen["probes"] == {url: [302, "http://10.42.0.1/"] for url in PROBES}
            assert seen["page"][0] == 200
            assert f'value="{b"third".hex()}"' in seen["page"][2]
            assert seen["answer"][0] == 200
            device.shows(lambda shown: not shown.hotspot)
        shown = device.shows(lambda shown: shown.hotspot)
        assert shown.hotspot is not None
        assert shown.hotspot.reason == "wrong password for third"
        with invited(far, shown):
            seen = uses(far, form.replace("not+the", "correct"))
            assert "wrong password for third" in seen["page"][2]
            shown = device.shows(lambda shown: shown.network.wifi == "third" and shown.network.reason == "")
        assert shown.hotspot is None
    assert "10.42.0.1" not in run("ip", "address")


def test_it_closes_for_a_network_and_never_opens_on_a_claimed_device(
    device: Daemon, near: Neighbour, tmp_path: Any
) -> None:
    device.shows(lambda shown: shown.hotspot)
    assert "10.42.0.1:8080" in run("ss", "-Hltn", "sport", "=", ":8080").split()
    assert "0.0.0.0:8080" not in run("ss", "-Hltn")
    device.stop()
    forget()
    claimed = Daemon(tmp_path / "claimed", claimed=True)
    try:
        claimed.shows(lambda shown: shown.network.reason == "no Wi-Fi network is set up")
        with near.network("home"):
            card("home", "home")
            assert claimed.shows(lambda shown: shown.network.wifi == "home").hotspot is None
        with pytest.raises(AssertionError, match="not so within 180 s"):
            claimed.shows(lambda shown: shown.hotspot, 180)
    finally:
        claimed.stop()
