"""A fresh card on its first two starts: growth, a root file system that nothing writes to, and every way in and up closed.

The plug is pulled at the end of the first start, and systemd itself crashes at the end of the second.
"""

from __future__ import annotations

import json
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EFFORT
from tests.qemu.card import ROOT_A, SIZE, flashed, place, same
from tests.qemu.conftest import PASSWORD, needed, script
from tests.qemu.facts import Facts
from tests.qemu.machine import MAC, Machine, unpacked

HERE = Path(__file__).parent
EXPECTED = json.loads((HERE / "expected.json").read_text())
PATIENCE = 1800.0
EXPOSED = 1.7
SELECT = 1
LOG_LIMIT = 262144
"""Bytes of each start's journal that are kept, as in the unit."""


class Story:
    """What both starts said, and what they left behind."""

    def __init__(self, folder: Path) -> None:
        self.card = flashed(folder / "card")
        program, scale = script(HERE), f"inkvm.scale={EFFORT}"
        self.packets = [folder / "first.pcap", folder / "second.pcap"]
        # Not loaded by itself: on a busy computer an emulated machine may miss its 14 s for no fault of its own.
        watchdog = ("-device", "i6300esb", "-action", "watchdog=poweroff")
        later = f"{scale} modprobe.blacklist=i6300esb"
        dump = [("-object", f"filter-dump,id=dump,netdev=net,file={path}") for path in self.packets]
        wanted = {"password": PASSWORD, "script": program, "keep": True}
        with Machine("virt", self.card, arguments=scale, devices=dump[0], **wanted) as machine:
            self.first = Facts(machine).until("mark", PATIENCE)
        keyed(self.card, folder)
        with Machine("virt", self.card, arguments=later, devices=(*watchdog, *dump[1]), **wanted) as machine:
            self.second = Facts(machine).until("timeout", PATIENCE)
            machine.wait_for_end(PATIENCE)


def keyed(card: Path, folder: Path) -> None:
    """Ask for a shell on the card's first partition, as Raspberry Pi Imager does; the secret half is for the machine's own try."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True)
    public = (folder / "key.pub").read_text().strip()
    (folder / "custom.toml").write_text(f"config_version = 1\n[ssh]\nenabled = true\nauthorized_keys = ['{public}']\n")
    select = f"{card}@@{place(card, SELECT)[0]}"
    subprocess.run(["mcopy", "-i", select, folder / "key", folder / "custom.toml", "::"], check=True)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    needed()
    return Story(tmp_path_factory.mktemp("first-boot"))


def test_the_data_partition_takes_the_rest_of_the_card(story: Story) -> None:
    start, size = place(story.card, 7)
    assert start + size == SIZE
    assert story.first["data"] > size * 0.95
    assert story.second["data"] == story.first["data"]


def test_nothing_failed(story: Story) -> None:
    assert (story.first["failed-units"], story.second["failed-units"]) == ("", "")


def test_keyboard_first_and_growth_last_and_the_panel_does_not_wait_for_the_daemon(story: Story) -> None:
    """What the units order; keyboard and panel go side by side, and so do panel and daemon."""
    for facts in (story.first, story.second):
        started, up = facts["started"], facts["up"]
        assert up["inkvm-gadget"] < min(started["NetworkManager"], started["inkvm"])
        assert started["inkvm-epaper"] < up["inkvm"] < started["inkvm-grow"]


def test_the_status_changed_as_often_as_the_target_said(story: Story) -> None:
    """What the test below shows of wear is of this many."""
    assert story.first["changes"] == 500 * EFFORT


def test_root_is_as_it_was_flashed(story: Story) -> None:
    assert story.first["refused"] == ["EROFS"] * 3
    assert same(story.card, unpacked(), ROOT_A)


@pytest.mark.parametrize(
    "name", ["listening", "users", "passwords", "set-id", "capable", "world-writable", "units", "sysctl"]
)
def test_ways_in_and_up_are_the_expected_ones(story: Story, name: str) -> None:
    assert story.first[name] == EXPECTED[name]


def test_services_are_confined(story: Story) -> None:
    exposure = {unit: float(found) for unit, found in story.first["exposure"].items()}
    del exposure["inkvm-ssh.service"]  # did not start; a shell is for whatever the others are kept from
    assert sorted(exposure) == EXPECTED["confined"]
    assert {unit: found for unit, found in exposure.items() if found > EXPOSED} == {}


def test_the_firewall_is_the_expected_one(story: Story) -> None:
    """As the kernel says it back: an `accept` more or less is a change to expected.nft."""
    assert story.first["rules"] == (HERE / "expected.nft").read_text().splitlines()


def test_the_last_start_s_journal_is_kept_within_its_limit(story: Story) -> None:
    assert story.second["previous"] >= 1
    assert story.second["kept"] <= 3 * LOG_LIMIT


def test_one_address_whatever_the_machine_id(story: Story) -> None:
    assert story.first["machine-id"] != story.second["machine-id"]
    assert story.first["addresses"] == story.second["addresses"]
    first, second = (client_ids(path) for path in story.packets)
    assert first == second == {b"\x01" + bytes.fromhex(MAC.replace(":", ""))}
    assert any(address.startswith("10.0.2.") for address in story.first["addresses"])
    assert "fe80::5054:ff:fe49:4b56" in story.first["addresses"]


def test_a_shell_is_only_for_who_lists_a_key_on_the_card(story: Story) -> None:
    """The first start has nobody who listens on port 22, and nobody who is let through to it."""
    assert story.second["shell"] == "0"
    assert (story.second["doors"], story.second["doors-after"]) == ([22, 80, 443], [80, 443])


def test_what_a_daemon_held_that_is_killed_goes_up_before_the_next_one_starts(story: Story) -> None:
    assert story.second["died"]["up"] < story.second["died"]["again"]


def test_a_daemon_that_hangs_is_started_again(story: Story) -> None:
    assert story.second["hung"] is True


def test_the_watchdog_restarts_a_system_that_hangs(story: Story) -> None:
    """And the machine did end: waiting for that is part of the story."""
    assert story.first["watchdog"] == "14s"
    assert story.second["timeout"] == 14


def client_ids(pcap: Path) -> set[Any]:
    """DHCP's option 61 in every packet that the machine sent; None where it has none. Source: RFC 2131, 2132; pcap-savefile(5)."""
    packets = pcap.read_bytes()
    found, position = set(), 24
    while position < len(packets):
        (length,) = struct.unpack_from("=I", packets, position + 8)
        packet = packets[position + 16 : position + 16 + length]
        position += 16 + length
        if packet[12:14] == b"\x08\x00" and packet[23] == 17 and packet[34:38] == b"\x00\x44\x00\x43":
            found.add(option(packet[42 + 240 :], 61))
    return found


def option(options: bytes, wanted: int) -> bytes | None:
    """One DHCP option: a kind, a length, and as many bytes, each; 0 fills and 255 ends."""
    at = 0
    while at < len(options) and options[at] != 255:
        if options[at] == 0:
            at += 1
            continue
        if options[at] == wanted:
            return options[at + 2 : at + 2 + options[at + 1]]
        at += 2 + options[at + 1]
    return None
