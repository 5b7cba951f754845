"""The profiles: what they hold, and which of them do not fit."""

from __future__ import annotations

import pytest

from app.gadget.functions import INPUT, UnknownProfileError, network, of, planned, profile, profiles
from app.gadget.plan import Attribute, DoesNotFitError, Folder, Identity, Link

IDENTITY = Identity("KVM", "0123456789abcdef")
FITTING = {(): 4, ("storage",): 5, ("serial",): 6, ("network",): 6, ("storage", "serial"): 7, ("storage", "network"): 7}


def test_there_are_eight_profiles_of_which_six_fit() -> None:
    found = list(profiles())
    assert len(set(found)) == len(found) == 8
    for extras in found:
        if extras in FITTING:
            assert planned(IDENTITY, extras).demand.endswith(f" = {FITTING[extras]} IN endpoints")
        else:
            with pytest.raises(DoesNotFitError, match=r"acm\.serial 2 \+ ncm\.network 2 = [89] IN endpoints, .* has 7"):
                planned(IDENTITY, extras)


def test_names_are_taken_in_any_order_and_unknown_ones_refused() -> None:
    assert profile(["serial", "storage", "serial"]) == ("storage", "serial")
    with pytest.raises(UnknownProfileError, match="profile has 'disk', expected storage, serial, network, or nothing"):
        profile(["storage", "disk"])


def test_a_gadgets_functions_say_its_profile() -> None:
    names = [function.name for function in INPUT]
    assert of(names) == ()
    assert of([*names, "ncm.network", "mass_storage.storage"]) == ("storage", "network")


def test_every_profile_is_another_release_to_the_host() -> None:
    releases = {
        entry.value
        for extras in FITTING
        for entry in planned(IDENTITY, extras).entries
        if isinstance(entry, Attribute) and entry.path == "bcdDevice"
    }
    assert len(releases) == len(FITTING)


def test_the_drive_is_removable_without_stalls_and_has_no_medium() -> None:
    entries = planned(IDENTITY, ("storage",)).entries
    drive = {entry.path: entry.value for entry in entries if isinstance(entry, Attribute) and "mass" in entry.path}
    name = "functions/mass_storage.storage"
    assert drive == {
        f"{name}/stall": 0, f"{name}/lun.0/removable": 1, f"{name}/lun.0/inquiry_string": "inkvm   Virtual drive   0100",
    }  # fmt: skip


def test_the_network_adapter_keeps_its_addresses_and_windows_finds_a_driver() -> None:
    attributes = dict(network(IDENTITY).attributes)
    assert attributes == dict(network(IDENTITY).attributes)
    addresses = [str(attributes[f"{side}_addr"]) for side in ("dev", "host")]
    assert len(set(addresses)) == 2
    assert all(int(address[:2], 16) & 3 == 2 for address in addresses), "locally administered, for one station"
    assert attributes["os_desc/interface.ncm/compatible_id"] == "WINNCM"
    assert network(Identity("KVM", "another")).attributes != network(IDENTITY).attributes
    assert "dev_addr" not in dict(network(Identity("KVM", None)).attributes)
    entries = planned(IDENTITY, ("network",)).entries
    assert Link("os_desc/c.1", "configs/c.1") in entries
    assert Attribute("os_desc/use", 1) in entries
    assert Folder("functions/ncm.network") in entries
    assert Attribute("os_desc/use", 0) in planned(IDENTITY, ()).entries
