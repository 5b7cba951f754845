"""NetworkManager and the daemon on virtual radios: joined, not joined and why, tried and taken back."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from app.status import Device
from tests.kernel.guest.networked import Daemon, Page, card, forget
from tests.kernel.guest.wireless import PASSPHRASE, POOL, Neighbour, System, run, until

pytestmark = pytest.mark.soak
WITHIN = 60.0
"""Seconds in which the panel has to say what is wrong, once it can be known."""
TAKEN_BACK = 200.0
"""Seconds: the 90 of a trial, and what it takes to join the network of before."""
JOINING = 30.0
"""Seconds that an emulated radio takes to find a network and to be let in."""


@pytest.fixture(scope="module")
def device(others: list[Neighbour], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    result = Daemon(tmp_path_factory.mktemp("device"), claimed=True)
    yield result
    result.stop()


@pytest.fixture(autouse=True)
def known(system: System, device: Daemon) -> Iterator[None]:
    """Every test starts without a network, and leaves none. What NetworkManager did is seen when one fails."""
    yield
    print(system.said("NetworkManager"))
    forget()
    device.shows(lambda shown: not shown.network.wifi)  # or the next test takes this one's network for its own


def says(device: Daemon, words: str, within: float = WITHIN) -> None:
    """It does, and how soon is printed: an emulated radio beside other machines takes what it takes."""
    began = time.monotonic()
    device.shows(lambda shown: shown.network.reason == words, within)
    print(f"{words}: after {time.monotonic() - began:.0f} s")


def on(ssid: str) -> Callable[[Device], object]:
    return lambda shown: (shown.network.wifi, shown.network.reason) == (ssid, "") and shown.network.addresses


def test_a_wrong_password_is_said_and_the_right_one_on_the_card_joins(device: Daemon, near: Neighbour) -> None:
    with near.network("home"):
        card("home", "home", "not the horse")
        says(device, "wrong password for home")
        card("home", "home")
        shown = device.shows(on("home"))
    assert any(address.startswith("192.168.77.") for address in shown.network.addresses or ())
    assert shown.network.strength
    assert run("iw", "dev", "wlan0", "get", "power_save").strip() == "Power save: off"


def test_nobody_but_the_daemon_and_root_may_speak_to_networkmanager(system: System, others: list[Neighbour]) -> None:
    place = "--dest=org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager"
    question = ("dbus-send", "--system", "--print-reply", *place, "org.freedesktop.NetworkManager.GetDevices")
    answers = {
        user: subprocess.run(
            ["setpriv", f"--reuid={user}", "--clear-groups", *question], capture_output=True, text=True
        )
        for user in ("root", "inkvm", "stranger")
    }
    assert answers["root"].returncode == answers["inkvm"].returncode == 0
    assert "AccessDenied" in answers["stranger"].stderr


def test_a_password_that_is_right_again_joins_by_itself(device: Daemon, near: Neighbour) -> None:
    card("home", "home")
    with near.network("home", "somebody changed it"):
        says(device, "wrong password for home")
    with near.network("home"):
        device.shows(on("home"))


def test_an_access_point_that_goes_and_comes_back(device: Daemon, near: Neighbour) -> None:
    card("home", "home")
    says(device, "home not found")
    with near.network("home"):
        device.shows(on("home"))
    says(device, "home not found")
    with near.network("home"):
        device.shows(on("home"))


def test_a_hidden_network_is_called(device: Daemon, near: Neighbour) -> None:
    with near.network("vault", "correct horse", "ignore_broadcast_ssid=1"):
        card("vault", "vault", wifi="hidden=true")
        device.shows(on("vault"))


def test_of_two_networks_the_preferred_one_is_joined_while_it_is_there(
    device: Daemon, near: Neighbour, far: Neighbour
) -> None:
    with far.network("second"):
        with near.network("first"):
            card("first", "first", connection="autoconnect-priority=10")
            card("second", "second", connection="autoconnect-priority=5")
            device.shows(on("first"))
        device.shows(on("second"))


def test_a_network_without_addresses_or_without_a_gateway_is_told_apart(device: Daemon, near: Neighbour) -> None:
    card("home", "home")
    with near.network("home", dhcp=""):
        says(device, "no address: home gives none", JOINING + WITHIN)
        with near.addresses(POOL):
            device.shows(on("home"))
    with near.network("home", dhcp=f"{POOL} --dhcp-option=3"):
        says(device, "no gateway on wlan0", JOINING + WITHIN)
        found = Page("127.0.0.1").ask("GET", "/api/network")[1]
        assert (found["reason"], [link["gateway"] for link in found["links"] if link["wifi"]]) == (
            "no gateway on wlan0",
            [False],
        )


def test_a_network_that_has_wpa3_only_is_said(device: Daemon, near: Neighbour) -> None:
    with near.network("modern", "correct horse", "wpa_key_mgmt=SAE", "ieee80211w=2", "sae_password=correct horse"):
        card("modern", "modern", security="pmf=1")
        says(device, "modern is WPA3 only, which this radio cannot join")


def test_a_static_address_that_cannot_work_is_taken_back_without_anybody_there(device: Daemon, near: Neighbour) -> None:
    with near.network("home"):
        card("home", "home")
        address = _address(device.shows(on("home")))
        page = Page(address)
        status, result = page.ask(
            "POST", "/api/network/address", link="wlan0", address="10.9.8.7/24", gateway="10.9.8.1"
        )
        assert (status, result["trial"]["what"]) == (200, "address 10.9.8.7/24")
        device.shows(lambda shown: "10.9.8.7" in (shown.network.addresses or ()))
        near.inside("ping", "-c1", "-W5", address, check=False)
        began = time.monotonic()
        device.shows(lambda shown: _address(shown).startswith("192.168.77."), TAKEN_BACK)
        print(f"taken back {time.monotonic() - began:.0f} s after it was there")
        assert Page(_address(device.shows(on("home")))).ask("PUT", "/api/network/trial")[0] == 409


def test_a_network_that_cannot_be_joined_is_left_for_the_one_before(
    device: Daemon, near: Neighbour, far: Neighbour
) -> None:
    with near.network("home"), far.network("shop"):
        card("home", "home")
        page = Page(_address(device.shows(on("home"))))
        status, _result = page.ask("POST", "/api/network/join", ssid=b"shop".hex(), passphrase="not the horse")
        assert status == 200
        device.shows(lambda shown: shown.network.wifi == "")
        page = Page(_address(device.shows(on("home"), TAKEN_BACK)))
        status, result = page.ask("POST", "/api/network/join", ssid=b"shop".hex(), passphrase=PASSPHRASE)
        assert status == 200, result
        page = Page(_address(device.shows(on("shop"))))
        assert page.ask("DELETE", "/api/network/trial") == (200, {})
        device.shows(on("home"))


def test_a_confirmed_address_is_there_after_a_power_cut_and_an_unconfirmed_one_is_not(
    system: System, near: Neighbour, device: Daemon
) -> None:
    with near.network("home"):
        card("home", "home")
        page = Page(_address(device.shows(on("home"))))
        status, result = page.ask(
            "POST", "/api/network/address", link="wlan0", address="192.168.77.200/24", gateway="192.168.77.1"
        )
        assert status == 200, result
        device.shows(lambda shown: _address(shown) == "192.168.77.200")
        assert Page("127.0.0.1").ask("PUT", "/api/network/trial")[0] == 409
        assert Page("192.168.77.200").ask("PUT", "/api/network/trial") == (200, {})
        status, result = Page("192.168.77.200").ask(
            "POST", "/api/network/address", link="wlan0", address="192.168.77.201/24"
        )
        assert status == 200, result
        device.shows(lambda shown: _address(shown) == "192.168.77.201")
        system.lose_manager()
        until(lambda: not run("ip", "-4", "-brief", "address", "show", "wlan0").split()[2:], "the address stays")
        system.start_manager()
        device.shows(lambda shown: _address(shown) == "192.168.77.200")


def _address(shown: Device) -> str:
    return (shown.network.addresses or ("",))[0]
