"""Who is asked what time it is: the script as NetworkManager calls it, with a message bus of the test's own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.image.links import LINKS

OVERLAY = Path(__file__).resolve().parents[2] / "rootfs-overlay"
SCRIPT = OVERLAY / "usr/libexec/inkvm/time-servers"
POOL = [f"{number}.debian.pool.ntp.org" for number in range(4)]


class Device:
    """What the owner wrote, what the networks said, and what the clock's service was told."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.own = folder / "own"
        tools = folder / "tools"
        tools.mkdir()
        (tools / "busctl").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >"{folder}/told"\n')
        (tools / "busctl").chmod(0o755)
        self._path = f"{tools}:{os.environ['PATH']}"

    def told(self, *event: str, **options: str) -> list[str] | None:
        """The servers, after NetworkManager has said that, or none where nothing was told."""
        said = self._folder / "told"
        said.unlink(missing_ok=True)
        command = ["sh", str(SCRIPT), str(self.own), str(self._folder / "run"), *event]
        subprocess.run(command, env={"PATH": self._path, **options}, cwd=self._folder, check=True)
        if not said.exists():
            return None
        words = said.read_text().splitlines()
        where, count, servers = words[:-1], int(words[7]), words[8:]
        assert where[:7] == [
            "--", "call", "org.freedesktop.timesync1", "/org/freedesktop/timesync1", "org.freedesktop.timesync1.Manager",
            "SetRuntimeNTPServers", "as",
        ]  # fmt: skip
        assert count == len(servers)
        return servers


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


def test_debians_where_nobody_names_one(device: Device) -> None:
    assert device.told("wlan0", "up") == POOL
    assert device.told("wlan0", "dhcp4-change", DHCP4_NTP_SERVERS="") == POOL


def test_the_networks_first_for_as_long_as_it_is_there(device: Device) -> None:
    assert device.told("wlan0", "up", DHCP4_NTP_SERVERS="10.0.0.1 10.0.0.2") == ["10.0.0.1", "10.0.0.2", *POOL]
    both = device.told("usb0", "up", DHCP4_NTP_SERVERS="10.1.0.1")
    assert both is not None
    assert sorted(both[:-4]) == ["10.0.0.1", "10.0.0.2", "10.1.0.1"]
    assert device.told("wlan0", "dhcp4-change", DHCP4_NTP_SERVERS="") == ["10.1.0.1", *POOL]
    assert device.told("usb0", "down") == POOL


def test_the_owners_and_nobody_else(device: Device) -> None:
    device.own.write_text("ntp.example.org 192.0.2.1\n")
    for event in (("wlan0", "up"), ("wlan0", "dhcp4-change"), ()):
        assert device.told(*event, DHCP4_NTP_SERVERS="10.0.0.1") == ["ntp.example.org", "192.0.2.1"]


def test_a_clock_that_starts_again_is_told_again(device: Device) -> None:
    assert device.told() is None, "there was no network yet"
    device.told("wlan0", "up", DHCP4_NTP_SERVERS="10.0.0.1")
    assert device.told() == ["10.0.0.1", *POOL]


@pytest.mark.parametrize(
    "event", [("lo", "up"), ("wlan0", "pre-up"), ("none", "hostname"), ("none", "connectivity-change")]
)
def test_what_has_nothing_to_do_with_it_changes_nothing(device: Device, event: tuple[str, str]) -> None:
    assert device.told(*event, DHCP4_NTP_SERVERS="10.0.0.1") is None


def test_words_are_servers_whatever_is_in_them(device: Device, tmp_path: Path) -> None:
    """The file is in the daemon's folder, and the script is root's."""
    device.own.write_text("--user $(touch /nowhere/x) * `id`\n")
    assert device.told("wlan0", "up") == ["--user", "$(touch", "/nowhere/x)", "*", "`id`"]


def test_networkmanager_and_the_clocks_service_say_the_same_places() -> None:
    words = "/usr/libexec/inkvm/time-servers /var/lib/inkvm/time_servers /run/inkvm-time"
    assert words in (OVERLAY / "usr/lib/NetworkManager/dispatcher.d/50-time-servers").read_text()
    units = OVERLAY / "usr/lib/systemd/system"
    assert words in (units / "systemd-timesyncd.service.d/inkvm.conf").read_text()
    assert "RuntimeDirectory=inkvm-time\n" in (units / "NetworkManager-dispatcher.service.d/inkvm.conf").read_text()
    link = "etc/systemd/system/dbus-org.freedesktop.nm-dispatcher.service"
    assert LINKS[link] == "/usr/lib/systemd/system/NetworkManager-dispatcher.service"
