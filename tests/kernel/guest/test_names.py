"""The name that avahi publishes, seen from another machine on the same wire, which had it first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.guest.mdns import Resolver, published
from tests.kernel.guest.networked import Daemon, Page
from tests.kernel.guest.wireless import System, until

pytestmark = pytest.mark.soak


@pytest.fixture
def other(wire: str) -> Iterator[Resolver]:
    """A machine there of the same name."""
    resolver = Resolver(wire)
    with resolver.running():
        yield resolver


def found(other: Resolver, kind: str) -> list[list[str]]:
    """What the other machine hears of a kind: name, host, address, port and keys of each."""
    command = ("avahi-browse", "--resolve", "--parsable", "--terminate", "--no-db-lookup", kind)
    fields = [line.split(";") for line in other.asked(*command).splitlines() if line.startswith("=;far;IPv4")]
    return [[field[3], *field[6:10]] for field in fields]


def test_after_a_conflict_the_name_shown_is_the_one_that_others_find(
    system: System, other: Resolver, tmp_path: Path
) -> None:
    hostname = os.uname().nodename
    until(lambda: other.address(f"{hostname}.local"), "the other machine has no name")
    with published() as avahi, Daemon(tmp_path, claimed=True) as device:
        name = device.shows(lambda shown: shown.network.name).network.name
        assert name == f"{hostname}-2.local"
        ((title, host, address, port, keys),) = until(lambda: found(other, "_pikvm._tcp"), "nothing is found")
        assert (title, host, address, port) == (f"{hostname}-2", name, "192.168.50.9", "8443")
        assert {key.split("=")[0] for key in keys.replace('"', "").split()} == {
            "path", "protocol", "description", "model", "video", "board", "base", "serial", "platform",
        }  # fmt: skip
        ((title, host, *_),) = until(lambda: found(other, "_https._tcp"), "no page is found")
        assert (title, host) == (f"{hostname}-2", name)
        avahi.kill()
        device.shows(lambda shown: shown.network.name == "")


def test_what_is_offered_is_found_under_a_name_that_the_one_before_began_with(
    system: System, other: Resolver, tmp_path: Path
) -> None:
    def renamed(name: str) -> None:
        assert Page("127.0.0.1").ask("POST", "/api/network/name", name=name)[0] == 200
        device.shows(lambda shown: shown.network.name == f"{name}.local")
        assert Page("127.0.0.1", f"{name}.local").ask("PUT", "/api/network/trial") == (200, {})
        until(lambda: pointed() == [[name, f"{name}.local"]] * 2, f"what is found is not at {name}.local")
        assert other.address(f"{name}.local") == "192.168.50.9"

    def pointed() -> list[list[str]]:
        return [each[:2] for kind in ("_https._tcp", "_pikvm._tcp") for each in found(other, kind)]

    with published(), Daemon(tmp_path, claimed=True) as device:
        device.shows(lambda shown: shown.network.name)
        for name in ("attic-ab12", "attic", "attic-ab12"):
            renamed(name)


def test_a_name_is_tried_and_kept_by_who_finds_the_device_under_it(system: System, tmp_path: Path) -> None:
    hostname = os.uname().nodename
    with published(), Daemon(tmp_path, claimed=True) as device:
        device.shows(lambda shown: shown.network.name == f"{hostname}.local")
        page = Page("127.0.0.1")
        assert page.ask("POST", "/api/network/name", name="-no-")[0] == 400
        assert page.ask("POST", "/api/network/name", name="attic")[0] == 200
        device.shows(lambda shown: shown.network.name == "attic.local")
        assert page.ask("PUT", "/api/network/trial")[0] == 409
        assert page.ask("DELETE", "/api/network/trial")[0] == 200
        device.shows(lambda shown: shown.network.name == f"{hostname}.local")
        assert page.ask("POST", "/api/network/name", name="workshop")[0] == 200
        device.shows(lambda shown: shown.network.name == "workshop.local")
        assert Page("127.0.0.1", "workshop.local").ask("PUT", "/api/network/trial") == (200, {})
        assert (tmp_path / "state/hostname").read_text() == "workshop\n"
    with published(), Daemon(tmp_path, claimed=True) as device:
        device.shows(lambda shown: shown.network.name == "workshop.local")
