"""What a value of the customisation file may be: pure predicates over values of the right type."""

from __future__ import annotations

import base64
import binascii
import re
from ipaddress import ip_address, ip_interface

from app import wifi
from app.firstrun.customisation import KEPT
from app.identity import is_hostname

_LOGIN = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}")
_HEX = re.compile(r"([0-9a-fA-F]{2})+")
_CRYPT = re.compile(
    r"\$6\$(rounds=\d{4,6}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}"
    r"|\$5\$(rounds=\d{4,6}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{43}"
    r"|\$2[aby]\$(0[4-9]|1[0-4])\$[./0-9A-Za-z]{53}"
    r"|\$g?y\$[./0-9A-Za-z]{2,6}\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43}"
    r"|\$7\$[./0-9A-Za-z]{11}[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43}"
)
"""crypt(5)'s strong methods, whole: a beginning alone would make an account that nobody can log in to."""
_PUBLIC_KEY = re.compile(r"(ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa|sk-[a-z0-9@.-]+) ([A-Za-z0-9+/]+=*)( .*)?")


def is_login(value: str) -> bool:
    """A name that both the page and SSH take."""
    return _LOGIN.fullmatch(value) is not None


def is_country(value: str) -> bool:
    """Two letters of ISO 3166-1; whether rules are known for it is the regulatory database's to say."""
    return _COUNTRY.fullmatch(value) is not None


def is_zone(value: str) -> bool:
    """Formed like a name of the time zone database."""
    return _ZONE.fullmatch(value) is not None


def is_crypt(value: str) -> bool:
    """A hash of crypt(3) that is strong enough to be kept."""
    return _CRYPT.fullmatch(value) is not None


def is_network_name(value: str) -> bool:
    """An SSID as text."""
    return wifi.is_name(value.encode())


def is_network_hex(value: str) -> bool:
    """An SSID in hexadecimal."""
    return _HEX.fullmatch(value) is not None and wifi.is_name(bytes.fromhex(value))


def is_wifi_secret(value: str) -> bool:
    """A passphrase or key, or what stands for one, or nothing."""
    return not value.strip(KEPT) or wifi.is_secret(value)


def is_public_key(value: str) -> bool:
    """A line of authorized_keys without options, whose data are of the kind that it says (RFC 4253, 6.6)."""
    found = _PUBLIC_KEY.fullmatch(value)
    if found is None or not value.isprintable():
        return False
    try:
        blob = base64.b64decode(found[2], validate=True)
    except binascii.Error:
        return False
    kind = found[1].encode()
    return blob.startswith(len(kind).to_bytes(4, "big") + kind) and len(blob) > len(kind) + 8


def are_public_keys(value: list[object]) -> bool:
    """Any number of them."""
    return all(isinstance(each, str) and is_public_key(each) for each in value)


def is_address(value: object) -> bool:
    """An IP address without prefix or zone."""
    try:
        return isinstance(value, str) and "%" not in value and not ip_address(value).is_unspecified
    except ValueError:
        return False


def are_addresses(value: list[object]) -> bool:
    """A few of them."""
    return len(value) <= 8 and all(is_address(each) for each in value)


def are_time_servers(value: list[object]) -> bool:
    """A few addresses or names of hosts (RFC 1123)."""
    return 1 <= len(value) <= 4 and all(
        isinstance(each, str) and (is_address(each) or _is_server(each)) for each in value
    )


def _is_server(value: str) -> bool:
    return len(value) <= 253 and all(is_hostname(label) for label in value.split("."))


def is_own_address(value: object) -> bool:
    """An address with its prefix that one machine can have to itself."""
    if not isinstance(value, str) or "/" not in value or "%" in value:
        return False
    try:
        found = ip_interface(value)
    except ValueError:
        return False
    if found.is_multicast or found.is_loopback or found.is_unspecified or found.network.prefixlen == 0:
        return False
    net = found.network
    whole = net.num_addresses <= 2 or found.ip not in (net.network_address, net.broadcast_address)
    return whole or found.version == 6


def are_own_addresses(value: list[object]) -> bool:
    """A few of them."""
    return len(value) <= 8 and all(is_own_address(each) for each in value)


def are_extras(value: list[object]) -> bool:
    """What the target can be given beside keyboard and mice, all at once."""
    from app.gadget import functions  # few files ask for any
    from app.gadget.plan import GadgetError, Identity

    try:
        functions.planned(Identity("", None), functions.profile(map(str, value)))
    except GadgetError:
        return False
    return True
