"""Wi-Fi networks as NetworkManager's keyfiles. Pure.

Sources: nm-settings-keyfile(5) and, for what may stand in a value, GLib's "Key-value file parser": a value is one line in
which `\\s \\n \\t \\r \\\\` stand for characters; nothing else in it has a meaning, so what comes from outside stays a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_interface

from app import wifi
from app.firstrun.customisation import Wifi

PREFIX = "card-"
"""Of the names of the files that are the customisation's: others are not touched."""
_FIRST = 100
"""The first network's priority; one that is chosen on the page has 0 unless it says otherwise."""
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def files(networks: Sequence[Wifi]) -> dict[str, bytes]:
    """The keyfiles of these networks by their names, the first preferred."""
    return {
        f"{PREFIX}{wifi.identity(network.ssid)}.nmconnection": _keyfile(network, at)
        for at, network in enumerate(networks)
    }


def _keyfile(network: Wifi, position: int) -> bytes:
    lines = [
        "[connection]", f"id={_value(wifi.shown(network.ssid))}", f"uuid={wifi.identity(network.ssid)}", "type=wifi",
        f"autoconnect-priority={_FIRST - position}", "autoconnect-retries=0", "",
        "[wifi]", f"ssid={''.join(f'{byte};' for byte in network.ssid)}", "mode=infrastructure", "powersave=2",
    ]  # fmt: skip
    if network.hidden:
        lines.append("hidden=true")
    if network.secret:
        lines += ["", "[wifi-security]", "key-mgmt=wpa-psk", f"psk={_value(network.secret)}"]
    for version in (4, 6):
        lines += ["", f"[ipv{version}]", *_addresses(network, version)]
    return ("\n".join(lines) + "\n").encode()


def _addresses(network: Wifi, version: int) -> Iterator[str]:
    """The keys of one kind of address: static ones are instead of what the network gives."""
    own = [each for each in network.addresses if ip_interface(each).version == version]
    ways = [each for each in network.gateways if ip_address(each).version == version]
    servers = [each for each in network.dns if ip_address(each).version == version]
    yield f"method={'manual' if own else 'auto'}"
    for number, address in enumerate(own, 1):
        yield f"address{number}={address}"
    if ways:
        yield f"gateway={ways[0]}"
    if servers:
        yield f"dns={''.join(f'{server};' for server in servers)}"
        yield "ignore-auto-dns=true"
    if version == 6 and not own:
        # From the MAC address, as on the cable: the machine's identity is new at each start.
        yield "addr-gen-mode=eui64"


def _value(text: str) -> str:
    """A string as a value. A space at either end would be lost."""
    escaped = text.translate(_ESCAPES)
    inner = escaped.strip(" ")
    if not inner:
        return "\\s" * len(escaped)
    head, tail = escaped.partition(inner)[0], escaped.rpartition(inner)[2]
    return "\\s" * len(head) + inner + "\\s" * len(tail)
