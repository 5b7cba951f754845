"""Keyfiles, read back by GLib."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app import wifi
from app.firstrun import checks, networks
from app.firstrun.customisation import Wifi
from tests.app.firstrun.gkeyfile import KeyFile
from tests.conftest import EFFORT

SECRETS = st.text(min_size=8, max_size=63).filter(checks.is_wifi_secret)


def only(network: Wifi) -> dict[str, dict[str, str]]:
    (content,) = networks.files([network]).values()
    return KeyFile(content).content()


@settings(max_examples=1000 * EFFORT)
@given(st.binary(min_size=1, max_size=32), SECRETS | st.just(""), st.booleans())
@example(b"\n[ipv4]\nmethod=disabled\n", "eight]\\n;#= ", True)
@example(b"a", "  both ends  ", False)
@example(b"a", "        ", False)
@example(b"a", "\\s\\t\\n\\\\end\\", False)
def test_names_and_passphrases_come_back_as_they_are_and_bring_nothing_along(
    ssid: bytes, secret: str, hidden: bool
) -> None:
    found = only(Wifi(ssid, secret, hidden))
    assert bytes(int(byte) for byte in found["wifi"]["ssid"].split(";")[:-1]) == ssid
    assert found["connection"]["id"] == wifi.shown(ssid)
    groups = {"connection", "wifi", "ipv4", "ipv6"} | ({"wifi-security"} if secret else set())
    assert found.keys() == groups
    if secret:
        assert found["wifi-security"] == {"key-mgmt": "wpa-psk", "psk": secret}
    assert found["wifi"].keys() == {"ssid", "mode", "powersave"} | ({"hidden"} if hidden else set())
    assert (found["ipv4"], found["ipv6"]) == ({"method": "auto"}, {"method": "auto", "addr-gen-mode": "eui64"})


def test_static_addresses() -> None:
    network = Wifi(
        b"a",
        "",
        False,
        ("10.0.0.5/24", "10.0.1.5/24", "fd00::5/64"),
        ("10.0.0.1", "fd00::1"),
        ("9.9.9.9", "fd00::1", "1.1.1.1"),
    )
    found = only(network)
    assert found["ipv4"] == {
        "method": "manual", "address1": "10.0.0.5/24", "address2": "10.0.1.5/24", "gateway": "10.0.0.1", "dns": "9.9.9.9;1.1.1.1;",
        "ignore-auto-dns": "true",
    }  # fmt: skip
    assert found["ipv6"] == {
        "method": "manual", "address1": "fd00::5/64", "gateway": "fd00::1", "dns": "fd00::1;", "ignore-auto-dns": "true",
    }  # fmt: skip


def test_the_first_network_is_preferred_and_each_keeps_its_identity() -> None:
    both = networks.files([Wifi(b"a"), Wifi(b"b")])
    turned = networks.files([Wifi(b"b", "other secret"), Wifi(b"a")])
    assert both.keys() == turned.keys()
    priorities = [
        [int(KeyFile(content).content()["connection"]["autoconnect-priority"]) for content in each.values()]
        for each in (both, turned)
    ]
    assert priorities == [[100, 99], [100, 99]]
    assert {KeyFile(content).content()["connection"]["autoconnect-retries"] for content in both.values()} == {"0"}
    first, second = both
    assert (first, second) != tuple(turned)
    assert (
        KeyFile(both[first]).content()["connection"]["uuid"] == KeyFile(turned[first]).content()["connection"]["uuid"]
    )


def test_power_saving_is_off() -> None:
    assert only(Wifi(b"a"))["wifi"]["powersave"] == "2"
