"""A card with a customisation file: its first start, and one after a mistake was made in the file."""

from __future__ import annotations

import base64
import io
import re
import subprocess
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

import pytest
from PIL import Image

from tests.app.firstrun.bench import FULL, KEY, SECRETS
from tests.epaper.reading import reads
from tests.qemu.card import flashed, place
from tests.qemu.conftest import needed, script
from tests.qemu.facts import Facts
from tests.qemu.lan import Lan, Service, possible
from tests.qemu.machine import Machine

pytestmark = pytest.mark.soak

HERE = Path(__file__).parent
PATIENCE = 900.0
"""Seconds for one start. One that hangs may not cost the whole run."""
SELECT = 1
EXPOSED = 1.7
"""The most that systemd's own audit may find of a service."""
OFFERED = {
    "_https._tcp": {"path": "/"},
    "_pikvm._tcp": {
        "path": "/", "protocol": "https", "description": "inkvm", "model": "inkvm", "video": "hdmi", "board": "zero2w",
        "base": "usb", "serial": "", "platform": "inkvm",
    },
}  # fmt: skip
"""By kind, with the keys that come along. This machine has no serial number."""


class Story:
    """What both starts said, and the file as it was after each."""

    def __init__(self, folder: Path, lan: Lan | None) -> None:
        self._folder = folder
        self._lan = lan
        self.heard: Mapping[str, Service] = {}
        """What another computer in the same network has found after the first start, where there is one."""
        self._card = flashed(folder / "card")
        self._select = f"{self._card}@@{place(self._card, SELECT)[0]}"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True)
        self.text = FULL.replace(KEY, (folder / "key.pub").read_text().strip())
        self._copy(folder / "key")
        self.first, self.after = self._start(self.text)
        self.mistaken = self.after.replace('hostname = "KVM-rack3"', 'hostname = "rack_3"')
        self.second, self.refused = self._start(self.mistaken, reboots=True)

    def _copy(self, path: Path) -> None:
        subprocess.run(["mcopy", "-o", "-i", self._select, path, "::"], check=True)

    def _start(self, text: str, *, reboots: bool = False) -> tuple[Facts, str]:
        path = self._folder / "inkvm.toml"
        path.write_text(text)
        self._copy(path)
        adapter, inside = (self._lan.adapter, self._lan.inside) if self._lan else ("", ())
        with Machine("virt", self._card, script=script(HERE), keep=True, adapter=adapter, inside=inside) as machine:
            facts = Facts(machine).until("end", PATIENCE)
            if self._lan and not self.heard:
                self.heard = {kind: self._lan.heard(kind) for kind in OFFERED}
            if reboots:
                machine.wait_for_end(PATIENCE)
        subprocess.run(["mcopy", "-o", "-n", "-i", self._select, "::inkvm.toml", path], check=True)
        return facts, path.read_text()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    needed()
    with nullcontext() if possible() else Lan() as lan:
        return Story(tmp_path_factory.mktemp("customisation"), lan)


def test_the_first_start_has_the_name_the_user_and_the_key_that_were_asked_for(story: Story) -> None:
    assert story.first["name"] == "kvm-rack3"
    assert story.first["shell"] == ["0", "0"]
    assert story.first["claim"] is False
    assert story.first["certified"] is True
    assert story.first["zone"] in {"CET", "CEST"}
    assert story.first["told"] == {"file": "inkvm.toml", "refusal": "", "warnings": [], "ignored": []}
    assert 'version = "v3"' in story.first["panel"][1]


def test_the_radio_keeps_to_the_country_at_every_start(story: Story) -> None:
    for facts in (story.first, story.second):
        assert re.search(r"(?m)^country DE:", facts["country"])


def test_the_target_gets_an_address_over_the_cable_and_no_way_to_anywhere(story: Story) -> None:
    """The units start and end with the adapter; NetworkManager is the DHCP client at the far end, which this machine is as well."""
    cable = story.first["cable"]
    ((lease,), (asked,)) = cable["lease"], [word for word in cable["asked"] if word.endswith(":67")]
    assert re.fullmatch(r"10\.213\.47\.[2-6]", lease)
    assert (cable["routes"], cable["forwarding"]) == (["10.213.47.0/29"], "0")
    assert "10.213.47" not in cable["resolvers"]
    # dnsmasq ties its socket to the adapter if that has an address already; the firewall and the unit's addresses hold either way.
    assert asked in {"0.0.0.0:67", "0.0.0.0%target:67"}
    assert story.first["moved"][0] in cable["addresses"]
    assert cable["addresses"][-1] == "10.213.47.1"
    assert float(cable["exposure"]) <= EXPOSED
    assert cable["asked-after"] == ""


def test_an_address_that_was_kept_is_there_after_the_next_start(story: Story) -> None:
    """The profile of the wired link is the image's own, on the read-only root: what lasts stands in for it."""
    given, kept = story.first["moved"]
    for facts in (story.first, story.second):
        assert facts["network"]["addresses"][0] == kept != given


def test_the_panel_shows_the_published_name_and_the_address(story: Story) -> None:
    network = story.first["network"]
    glass = Image.open(io.BytesIO(base64.b64decode(story.first["glass"])))
    assert network["name"] == "kvm-rack3.local"
    for text in (network["name"], network["addresses"][0]):
        assert reads(glass, text), text


@pytest.mark.skipif(bool(possible()), reason=possible())
@pytest.mark.parametrize(("kind", "keys"), OFFERED.items())
def test_another_computer_finds_it_under_that_name_and_address(story: Story, kind: str, keys: dict[str, str]) -> None:
    network = story.first["network"]
    assert story.heard[kind] == Service("kvm-rack3", network["name"], network["addresses"][0], 443, keys)


def test_passwords_left_the_card_for_a_place_of_root_s(story: Story) -> None:
    starred = story.text
    for secret in SECRETS:
        starred = starred.replace(secret, "*" * len(secret))
    assert story.after == starred
    for mode, owner in story.first["secrets"].values():
        assert (mode, owner) == ("0o600", 0)
    assert "nine Grey herons" not in str(story.first["secrets"])


def test_the_keyboard_did_not_wait(story: Story) -> None:
    for facts in (story.first, story.second):
        gadget, first_run = map(int, facts["order"])
        assert gadget < first_run
        assert facts["failed-units"] == ""


def test_a_mistake_is_on_the_panel_and_changes_nothing_but_closes_the_door(story: Story) -> None:
    words = "key 'system.hostname' has value 'rack_3', expected letters, digits and hyphens: at most 63"
    assert story.second["told"]["refusal"].startswith(words)
    assert story.second["name"] == "kvm-rack3"
    assert story.second["shell"] == "inactive"
    assert story.refused == story.mistaken


def test_the_daemon_gets_the_reboot_that_it_asks_for(story: Story) -> None:
    """Waiting for it is part of the story. The machine ends instead of starting again."""
    assert story.second["end"] is True


def test_a_sample_with_every_key_lies_on_the_card(story: Story) -> None:
    assert "inkvm-sample.toml" in story.first["card"]
