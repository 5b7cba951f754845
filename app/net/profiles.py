"""Connections as NetworkManager takes them: joining a network, an access point of our own, addresses. Pure.

Source: nm-settings-dbus(5), 1.52. The outer keys are settings, the inner ones properties with their D-Bus signatures.
"""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app import wifi
from app.net.errors import NetError

Settings = dict[str, dict[str, tuple[str, Any]]]

AP_ADDRESS: Final = "10.42.0.1"
"""Where the set-up page is; nftables.conf and NetworkManager's dnsmasq snippet name it as well."""


_SECURITY: Final = "802-11-wireless-security"
_FIRST: Final = 999
"""The highest priority that NetworkManager knows."""


class BadNetwork(NetError):
    """A value that cannot be used; the words name it, and what is accepted. Never those of a passphrase."""


@dataclass(frozen=True, slots=True)
class Addressing:
    """Where a link's IPv4 addresses come from: DHCP, or what is given. IPv6 stays with the router."""

    address: str = ""
    """With prefix length, as `192.168.1.9/24`; empty for DHCP."""
    gateway: str = ""
    dns: tuple[str, ...] = ()

    @classmethod
    def checked(cls, address: str, gateway: str, dns: tuple[str, ...]) -> Addressing:
        """From a user. Raises BadNetwork."""
        if not address:
            if gateway or dns:
                raise BadNetwork(
                    f"gateway has value {gateway!r} and dns {list(dns)!r}: expected none without an address"
                )
            return cls()
        try:
            interface = ipaddress.IPv4Interface(address)
        except ValueError:
            interface = None
        if interface is None or "/" not in address or interface.network.prefixlen > 30 or _unusable(interface):
            raise BadNetwork(
                f"address has value {address!r}, expected a host's IPv4 address with prefix length, as 192.168.1.9/24"
            )
        for name, value in (("gateway", gateway), *(("dns", each) for each in dns)):
            if value and not _is_ipv4(value):
                raise BadNetwork(f"{name} has value {value!r}, expected an IPv4 address")
        if gateway and ipaddress.IPv4Address(gateway) not in interface.network:
            raise BadNetwork(f"gateway has value {gateway!r}, expected an address in {interface.network}")
        return cls(str(interface), gateway, dns)


def _unusable(interface: ipaddress.IPv4Interface) -> bool:
    host = interface.ip
    ends = (interface.network.network_address, interface.network.broadcast_address)
    return host.is_multicast or host.is_loopback or host.is_unspecified or host.is_reserved or host in ends


def _is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def station(ssid: bytes, passphrase: str, *, hidden: bool = False) -> Settings:
    """Joins a network, with or without a passphrase. Raises BadNetwork."""
    if not wifi.is_name(ssid):
        raise BadNetwork(f"ssid is {len(ssid)} bytes long, expected 1 to 32")
    settings: Settings = {
        "connection": {
            "id": ("s", wifi.shown(ssid)),
            "uuid": ("s", wifi.identity(ssid)),
            "type": ("s", "802-11-wireless"),
        },
        "802-11-wireless": {"ssid": ("ay", ssid), "mode": ("s", "infrastructure"), "hidden": ("b", hidden)},
        "ipv4": {"method": ("s", "auto")},
        "ipv6": {"method": ("s", "auto")},
    }
    if passphrase:
        if not wifi.is_secret(passphrase):
            raise BadNetwork(f"passphrase (not shown) is not one: expected {wifi.ACCEPTED}")
        settings[_SECURITY] = {"key-mgmt": ("s", "wpa-psk"), "psk": ("s", passphrase)}
    return settings


def chosen(wanted: Settings, before: Settings | None, others: Iterable[int]) -> Settings:
    """A network that somebody has just chosen: preferred to the others, and what was known of it stays, but for its passphrase.

    Args:
        wanted: from `station`.
        before: what is known of it; None if nothing is.
        others: the priorities of the other networks.
    """
    known = {name: dict(group) for name, group in (before or wanted).items() if name != _SECURITY}
    connection, radio = known["connection"], known["802-11-wireless"]
    own = connection.get("autoconnect-priority", ("i", 0))[1]
    connection["autoconnect-priority"] = ("i", min(max(own, 1 + max(others, default=-1)), _FIRST))
    hidden = [settings["802-11-wireless"].get("hidden", ("b", False))[1] for settings in (wanted, known)]
    radio["hidden"] = ("b", any(hidden))
    radio.pop("security", None)  # says whether there is a passphrase, and is not for us to set
    return {**known, **{name: group for name, group in wanted.items() if name == _SECURITY}}


def hotspot(ssid: str, passphrase: str) -> Settings:
    """An access point of our own for whoever sets the device up: WPA2, 2.4 GHz, addresses and names from us."""
    return {
        "connection": {
            "id": ("s", ssid),
            "uuid": ("s", str(uuid.uuid5(uuid.NAMESPACE_OID, "hotspot"))),
            "type": ("s", "802-11-wireless"),
            "autoconnect": ("b", False),
        },
        "802-11-wireless": {"ssid": ("ay", ssid.encode()), "mode": ("s", "ap"), "band": ("s", "bg")},
        _SECURITY: {
            "key-mgmt": ("s", "wpa-psk"),
            "psk": ("s", passphrase),
            "proto": ("as", ["rsn"]),
            "pairwise": ("as", ["ccmp"]),
            "group": ("as", ["ccmp"]),
            # The board's firmware cannot protect management frames as an access point; phones would be turned away.
            "pmf": ("i", 1),
        },
        "ipv4": {"method": ("s", "shared"), "address-data": ("aa{sv}", [_address(f"{AP_ADDRESS}/24")])},
        "ipv6": {"method": ("s", "disabled")},
    }


def addressed(settings: Mapping[str, Mapping[str, tuple[str, Any]]], addressing: Addressing) -> Settings:
    """The same connection with other IPv4 addresses."""
    ipv4: dict[str, tuple[str, Any]] = {"method": ("s", "manual" if addressing.address else "auto")}
    if addressing.address:
        ipv4["address-data"] = ("aa{sv}", [_address(addressing.address)])
        ipv4["dns-data"] = ("as", list(addressing.dns))
    if addressing.gateway:
        ipv4["gateway"] = ("s", addressing.gateway)
    return {**{name: dict(group) for name, group in settings.items()}, "ipv4": ipv4}


def _address(interface: str) -> dict[str, tuple[str, Any]]:
    address, _, prefix = interface.partition("/")
    return {"address": ("s", address), "prefix": ("u", int(prefix))}
