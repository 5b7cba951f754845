from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.net.profiles import Addressing, BadNetwork, addressed, chosen, hotspot, station


@pytest.mark.parametrize("passphrase", ["8 chars!", "x" * 63, "0123456789abcdefABCDEF0123456789" * 2])
def test_a_passphrase_or_a_key_joins_by_wpa(passphrase: str) -> None:
    settings = station(b"home", passphrase)
    assert settings["802-11-wireless-security"] == {"key-mgmt": ("s", "wpa-psk"), "psk": ("s", passphrase)}


def test_an_open_network_has_no_security() -> None:
    assert "802-11-wireless-security" not in station(b"home", "")


@pytest.mark.parametrize("passphrase", ["7 chars", "x" * 64, "x" * 65, "line\nbreak!"])
def test_other_passphrases_are_refused_and_never_repeated(passphrase: str) -> None:
    with pytest.raises(
        BadNetwork, match="passphrase.*expected 8 to 63 bytes without control characters, or 64 hexadecimal digits"
    ) as refusal:
        station(b"home", passphrase)
    assert passphrase not in str(refusal.value)


@pytest.mark.parametrize("ssid", [b"", b"x" * 33])
def test_a_name_is_1_to_32_bytes(ssid: bytes) -> None:
    with pytest.raises(BadNetwork, match="expected 1 to 32"):
        station(ssid, "")


@given(st.binary(min_size=1, max_size=32))
def test_any_bytes_are_a_name(ssid: bytes) -> None:
    settings = station(ssid, "", hidden=True)
    assert settings["802-11-wireless"]["ssid"] == ("ay", ssid)
    assert settings["802-11-wireless"]["hidden"] == ("b", True)
    assert "\0" not in settings["connection"]["id"][1]


def test_one_network_has_one_uuid() -> None:
    assert station(b"a", "")["connection"]["uuid"] == station(b"a", "other one")["connection"]["uuid"]
    assert station(b"a", "")["connection"]["uuid"] != station(b"b", "")["connection"]["uuid"]


def test_our_own_access_point_is_wpa2_and_never_opens_by_itself() -> None:
    settings = hotspot("inkvm-4f2a", "set me up now")
    assert settings["connection"]["autoconnect"] == ("b", False)
    assert settings["802-11-wireless"]["mode"] == ("s", "ap")
    assert settings["802-11-wireless-security"]["proto"] == ("as", ["rsn"])
    assert settings["802-11-wireless-security"]["pairwise"] == ("as", ["ccmp"])
    assert settings["ipv4"]["method"] == ("s", "shared")


def test_an_address_replaces_dhcp_and_nothing_else() -> None:
    before = station(b"home", "correct horse")
    after = addressed(before, Addressing.checked("192.0.2.9/24", "192.0.2.1", ("192.0.2.2", "9.9.9.9")))
    assert after["ipv4"] == {
        "method": ("s", "manual"),
        "address-data": ("aa{sv}", [{"address": ("s", "192.0.2.9"), "prefix": ("u", 24)}]),
        "gateway": ("s", "192.0.2.1"),
        "dns-data": ("as", ["192.0.2.2", "9.9.9.9"]),
    }
    assert {name: group for name, group in after.items() if name != "ipv4"} == {
        name: group for name, group in before.items() if name != "ipv4"
    }
    assert addressed(after, Addressing.checked("", "", ()))["ipv4"] == {"method": ("s", "auto")}


@pytest.mark.parametrize(
    ("address", "gateway", "dns", "words"),
    [
        ("192.0.2.9", "", (), "address has value '192.0.2.9', expected a host's IPv4 address with prefix length"),
        ("192.0.2.0/24", "", (), "address has value '192.0.2.0/24'"),
        ("192.0.2.255/24", "", (), "address has value '192.0.2.255/24'"),
        ("127.0.0.1/8", "", (), "address has value '127.0.0.1/8'"),
        ("224.0.0.5/24", "", (), "address has value '224.0.0.5/24'"),
        ("192.0.2.9/32", "", (), "address has value '192.0.2.9/32'"),
        ("2001:db8::1/64", "", (), "address has value '2001:db8::1/64'"),
        ("192.0.2.9/24", "192.0.3.1", (), "gateway has value '192.0.3.1', expected an address in 192.0.2.0/24"),
        ("192.0.2.9/24", "router", (), "gateway has value 'router', expected an IPv4 address"),
        ("192.0.2.9/24", "", ("nine",), "dns has value 'nine', expected an IPv4 address"),
        ("", "192.0.2.1", (), "gateway has value '192.0.2.1'"),
        ("", "", ("9.9.9.9",), "expected none without an address"),
    ],
)
def test_an_address_that_cannot_work_is_refused(address: str, gateway: str, dns: tuple[str, ...], words: str) -> None:
    with pytest.raises(BadNetwork) as refusal:
        Addressing.checked(address, gateway, dns)
    assert words in str(refusal.value)


def test_a_chosen_network_is_preferred_and_keeps_what_was_known_of_it() -> None:
    before = addressed(station(b"shop", "correct horse", hidden=True), Addressing("192.0.2.9/24"))
    before["connection"]["autoconnect-priority"] = ("i", 7)
    before["802-11-wireless"]["security"] = ("s", "802-11-wireless-security")
    for others, priority in (([], 7), ([3], 7), ([100, 99], 101), ([999], 999)):
        made = chosen(station(b"shop", "another horse"), before, others)
        assert made["connection"] == {**before["connection"], "autoconnect-priority": ("i", priority)}
        assert made["802-11-wireless"] == station(b"shop", "", hidden=True)["802-11-wireless"]
        assert made["802-11-wireless-security"]["psk"] == ("s", "another horse")
        assert made["ipv4"] == before["ipv4"]
    assert "802-11-wireless-security" not in chosen(station(b"shop", ""), before, [])
    assert chosen(station(b"shop", "correct horse"), None, [100])["connection"]["autoconnect-priority"] == ("i", 101)
