"""Made-up observations: a radio, what it hears, what it knows."""

from __future__ import annotations

from dataclasses import replace

from app.net.observed import ACTIVATED, DISCONNECTED, UNAVAILABLE, AccessPoint, Link, Observed, Profile

WLAN = Link(
    path="/device/1", name="wlan0", wifi=True, state=DISCONNECTED, profile="", active="", ssid=b"", strength=None,
    addresses=(), gateway=False, wide=False, scanned=True,
)  # fmt: skip
CABLE = replace(WLAN, path="/device/2", name="eth0", wifi=False, scanned=False, state=UNAVAILABLE)
"""Plugged into nothing."""


def known(name: str, priority: int = 0, *, hidden: bool = False) -> Profile:
    return Profile(f"/settings/{name}", name, "802-11-wireless", name.encode(), hidden, own=False, priority=priority)


def heard(name: str, security: str = "wpa", frequency: int = 2412) -> AccessPoint:
    return AccessPoint(name.encode(), 60, frequency, security)  # type: ignore[arg-type]


def seen(*air: AccessPoint, links: tuple[Link, ...] = (WLAN,), profiles: tuple[Profile, ...] = ()) -> Observed:
    return Observed(links, air, profiles, radio=True)


def trying(profile: Profile, state: int) -> Link:
    return replace(WLAN, state=state, profile=profile.path, active="/active/1")


def joined(profile: Profile, *addresses: str, gateway: bool = True) -> Link:
    return replace(
        trying(profile, ACTIVATED), ssid=profile.ssid or b"", strength=60, addresses=addresses, gateway=gateway
    )
