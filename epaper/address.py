"""Addresses as they are typed into a browser, after https://. Pure."""

from __future__ import annotations

import ipaddress

from app import cable

HTTPS = 443


def first(addresses: tuple[str, ...] | None, port: int) -> str:
    return pair(addresses, port)[0]


def pair(addresses: tuple[str, ...] | None, port: int) -> tuple[str, str]:
    """The first address and a second one (of the other family where there is one), empty where there is none.

    The one on the cable is no second one: it would be tried from elsewhere.
    """
    if not addresses:
        return "", ""
    first, *others = addresses
    others = [address for address in others if address != cable.ADDRESS]
    others.sort(key=lambda address: (":" in address) == (":" in first))
    return _typed(first, port), _typed(others[0], port) if others else ""


def _typed(address: str, port: int) -> str:
    """An address as a browser's address bar takes it after https://."""
    if not _is_address(address):  # not ours to judge: show what the daemon says
        return address
    host = ipaddress.ip_address(address)
    text = f"[{host.compressed}]" if host.version == 6 else host.compressed
    return text if port == HTTPS else f"{text}:{port}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
