"""The customisation file of a card, from root's one-shot to an address in a network: each format, and each way it can go."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.status import Device
from tests.kernel.guest.networked import Daemon, applied, forget
from tests.kernel.guest.wireless import PASSPHRASE, Neighbour, System

pytestmark = pytest.mark.soak

SSID = "attic \N{BLACK TELEPHONE}"
LETTERS = "größer als \N{SNOWMAN}"
"""A passphrase that is no ASCII: access points take it, and so does the device."""
KEY = hashlib.pbkdf2_hmac("sha1", PASSPHRASE.encode(), SSID.encode(), 4096, 32).hex()
"""Of `PASSPHRASE` and `SSID`, by IEEE 802.11's own rule (J.4.1)."""
PRESEED, IMAGER = "config_version = '1.1'\n[wlan]\n", "config_version = 1\n[wlan]\n"
FILES = {
    "inkvm.toml": (f"[[wifi]]\nssid = '{SSID}'\npassword = '{LETTERS}'\n", LETTERS),
    "rpi-preseed.toml": (
        f"{PRESEED}ssid_hex = '{SSID.encode().hex()}'\npassword = '{KEY}'\npassword_encrypted = true\n",
        PASSPHRASE,
    ),
    "custom.toml": (
        f"{IMAGER}ssid = '{SSID}'\npassword = '{PASSPHRASE}'\nhidden = true\n",
        PASSPHRASE,
        "ignore_broadcast_ssid=1",
    ),
}
"""Of each format: the file, and the passphrase and peculiarities of the network that it names."""


class Slot:
    """Where a card is put in: each time the device starts anew, as far as its network is concerned."""

    def __init__(self, folder: Path, system: System) -> None:
        self._folder = folder
        self._system = system

    def start(self, file: str, text: str) -> str:
        """With this file on the card; what is on it afterwards."""
        self._system.lose_manager()
        left = applied(self._folder, file, text)
        self._system.start_manager()
        return left


@pytest.fixture
def slot(others: list[Neighbour], system: System, tmp_path: Path) -> Iterator[Slot]:
    """With NetworkManager running. What it did is seen when a test fails."""
    yield Slot(tmp_path, system)
    print(system.said("NetworkManager"))
    forget()


@pytest.fixture
def device(slot: Slot, tmp_path: Path) -> Iterator[Daemon]:
    with Daemon(tmp_path / "device", claimed=True) as running:
        yield running


def on(ssid: str) -> Callable[[Device], object]:
    return lambda shown: (shown.network.wifi, shown.network.reason) == (ssid, "") and shown.network.addresses


@pytest.mark.parametrize("file", FILES)
def test_a_network_is_joined_from_each_of_the_formats(file: str, device: Daemon, slot: Slot, near: Neighbour) -> None:
    text, *network = FILES[file]
    with near.network(SSID, *network):
        slot.start(file, text)
        device.shows(on(SSID))


def test_a_wrong_passphrase_is_said_and_the_right_one_on_the_card_joins(
    device: Daemon, slot: Slot, near: Neighbour
) -> None:
    with near.network("home"):
        text = "[[wifi]]\nssid = 'home'\npassword = 'not the horse'\n"
        left = slot.start("inkvm.toml", text)
        assert left == text.replace("not the horse", "*" * 13)
        device.shows(lambda shown: shown.network.reason == "wrong password for home")
        slot.start("inkvm.toml", left.replace("*" * 13, PASSPHRASE))
        device.shows(on("home"))


def test_the_passphrase_of_before_joins_from_behind_its_asterisks(device: Daemon, slot: Slot, near: Neighbour) -> None:
    with near.network("home"):
        left = slot.start("inkvm.toml", f"[[wifi]]\nssid = 'home'\npassword = '{PASSPHRASE}'\n")
        device.shows(on("home"))
        slot.start("inkvm.toml", f"{left}address = ['192.168.77.123/24']\ngateway = ['192.168.77.1']\n")
        device.shows(lambda shown: on("home")(shown) and "192.168.77.123" in (shown.network.addresses or ()))


def test_the_first_network_of_the_file_is_preferred_and_the_other_one_joined_without_it(
    device: Daemon, slot: Slot, near: Neighbour, far: Neighbour
) -> None:
    sections = [f"[[wifi]]\nssid = '{name}'\npassword = '{PASSPHRASE}'\n" for name in ("first", "second")]
    with far.network("second"):
        with near.network("first"):
            slot.start("inkvm.toml", "".join(sections))
            device.shows(on("first"))
            slot.start("inkvm.toml", "".join(reversed(sections)))
            device.shows(on("second"))
            slot.start("inkvm.toml", "".join(sections))
            device.shows(on("first"))
        device.shows(on("second"))
