"""Why there is no network, in words. Pure: what was seen goes in, with the time.

What cannot be told is not guessed: a network that is not heard is "not found", and only where the radio has one band do the
words say so. Numbers are NMDeviceStateReason's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.net.observed import (
    ACTIVATED,
    DISCONNECTED,
    FAILED,
    GETTING_ADDRESS,
    PREPARING,
    UNAVAILABLE,
    Link,
    Observed,
    Profile,
)
from app.wifi import shown

_NO_ADDRESS: Final = {5, 6, 15, 16, 17}
"""IP_CONFIG_UNAVAILABLE, IP_CONFIG_EXPIRED, DHCP_START_FAILED, DHCP_ERROR, DHCP_FAILED."""
_NO_SECRETS: Final = 7
"""The supplicant has said that the key does not match, and nobody is there to be asked for another."""
_REFUSED: Final = {8, 9, 10, 11}
"""SUPPLICANT_DISCONNECT, _CONFIG_FAILED, _FAILED, _TIMEOUT."""
_NOT_FOUND: Final = 53
"""SSID_NOT_FOUND: a hidden network was called in vain, or one that was joined is not heard any more. Its access points may be listed
for some minutes longer."""
_BAND_2GHZ: Final = 3000
"""MHz, above which another band begins."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long something may be missing before it counts as missing, in seconds."""

    address: float = 20.0
    air: float = 10.0
    again: float = 30.0
    """Between two attempts with a network that has refused: NetworkManager itself makes none after a wrong password."""


class Troubles:
    """Remembers failures until the network is joined, or nobody is to join it any more."""

    def __init__(self, patience: Patience = Patience()) -> None:
        self._patience = patience
        self._failures: dict[str, int] = {}
        self._idle: float | None = None
        self._tried: dict[str, float] = {}
        self._absent: dict[str, float] = {}
        self._asking: float | None = None
        self._plugged: float | None = None
        self.words = ""
        """What `reason` has said last."""

    def failed(self, profile: str, reason: int) -> None:
        """An attempt with the profile of that path has come to nothing."""
        self._failures[profile] = reason

    def reason(self, observed: Observed, now: float) -> str:
        """In words for the user; empty while there is a network.

        Args:
            observed: as of `now`.
            now: seconds on a clock that only goes forward.
        """
        self._remember(observed, now)
        self.words = self._reason(observed, now)
        return self.words

    def _reason(self, observed: Observed, now: float) -> str:
        ours = {profile.path for profile in observed.profiles if profile.own}
        up = [
            link for link in observed.links if link.state == ACTIVATED and link.addresses and link.profile not in ours
        ]
        if any(link.gateway for link in up):
            return ""
        if up:
            return f"no gateway on {up[0].name}"
        wifi = observed.wifi
        if wifi is not None and observed.radio and observed.known:
            # A radio that is an access point hears nothing: what was true before is all that is known.
            return (self.words if wifi.profile in ours else "") or self._why(wifi, observed, now)
        if plugged := _plugged(observed):
            waited = self._plugged is not None and now - self._plugged >= self._patience.address
            return f"no address: {plugged[0].name} gives none" if waited else f"asking {plugged[0].name} for an address"
        if wifi is None:
            return "no network cable and no Wi-Fi radio" if not observed.links else "no network cable"
        return "no Wi-Fi network is set up" if observed.radio else "Wi-Fi is switched off"

    def _remember(self, observed: Observed, now: float) -> None:
        known = {profile.path for profile in observed.known}
        joined = {link.profile for link in observed.links if link.state == ACTIVATED}
        admitted = {link.profile for link in observed.links if link.state >= GETTING_ADDRESS and link.state < FAILED}
        self._failures = {
            path: why
            for path, why in self._failures.items()
            if path in known - joined and (path not in admitted or why in _NO_ADDRESS)
        }
        heard = {point.ssid for point in observed.air}
        deaf = any(profile.own and profile.path in joined for profile in observed.profiles)
        absent = {profile.path for profile in observed.known if profile.ssid not in heard and not deaf}
        self._absent = {path: self._absent.get(path, now) for path in absent}
        asking = observed.wifi is not None and observed.wifi.state == GETTING_ADDRESS
        self._asking = (self._asking if self._asking is not None else now) if asking else None
        self._plugged = (self._plugged if self._plugged is not None else now) if _plugged(observed) else None

    def _why(self, wifi: Link, observed: Observed, now: float) -> str:
        """The most telling network's: the one that is tried, else the best that is heard, else the best of all."""
        heard = {point.ssid for point in observed.air}
        tried = [profile for profile in observed.known if profile.path == wifi.profile and wifi.state >= PREPARING]
        audible = [profile for profile in observed.known if profile.ssid in heard or profile.path in self._failures]
        profile = (*tried, *audible, *observed.known)[0]
        assert profile.ssid is not None
        name = shown(profile.ssid)
        if tried and self._asking is not None:
            waited = now - self._asking >= self._patience.address or self._failures.get(profile.path) in _NO_ADDRESS
            return f"no address: {name} gives none" if waited else f"asking {name} for an address"
        return self._obstacle(profile, observed, now) or (
            f"joining {name}" if wifi.state >= DISCONNECTED else "the Wi-Fi radio is not ready"
        )

    def retry(self, observed: Observed, now: float) -> str:
        """Path of the profile to try again, because what failed may work by now; empty when nothing is due."""
        wifi = observed.wifi
        idle = wifi is not None and wifi.state == DISCONNECTED and observed.radio
        self._idle = (self._idle if self._idle is not None else now) if idle else None
        if self._idle is None or now - self._idle < self._patience.again:
            return ""
        heard = {point.ssid for point in observed.air}
        due = [
            each.path for each in observed.known if each.path in self._failures and (each.hidden or each.ssid in heard)
        ]
        if not due:
            return ""
        # In turn: a preferred one that never works must not keep the others from being tried.
        path = min(due, key=lambda path: self._tried.get(path, float("-inf")))
        self._idle = self._tried[path] = now
        return path

    def anew(self, profile: str) -> None:
        """It is another one now: what was wrong with it does not count any more."""
        self._failures.pop(profile, None)

    def has_failed(self, profile: str) -> bool:
        """Whether the last attempt with it came to nothing, as far as it was seen."""
        return profile in self._failures

    def why(self, path: str, observed: Observed, now: float) -> str:
        """What is in the way of one network that was tried in vain."""
        profile = next((profile for profile in observed.known if profile.path == path), None)
        if profile is None:
            return "the network is not known any more"
        assert profile.ssid is not None
        if observed.wifi is not None and observed.wifi.profile == path and self._asking is not None:
            return f"no address: {shown(profile.ssid)} gives none"
        return self._obstacle(profile, observed, now) or f"{shown(profile.ssid)} cannot be joined, why is not known"

    def _obstacle(self, profile: Profile, observed: Observed, now: float) -> str:
        assert profile.ssid is not None
        name = shown(profile.ssid)
        failure = self._failures.get(profile.path)
        points = [point for point in observed.air if point.ssid == profile.ssid]
        wide = observed.wifi is not None and observed.wifi.wide
        missing = not points and not profile.hidden
        if missing and now - self._absent.get(profile.path, now) < self._patience.air and failure != _NOT_FOUND:
            return f"looking for {name}"
        if missing or failure == _NOT_FOUND:
            return f"{name} not found" + ("" if wide else " on 2.4 GHz, this radio's only band")
        if points and all(point.security == "sae" for point in points):
            return f"{name} is WPA3 only, which this radio cannot join"
        if points and not wide and all(point.frequency > _BAND_2GHZ for point in points):
            return f"{name} is on 5 GHz only, which this radio cannot join"
        return "" if failure is None else _failed(failure, name)


def _plugged(observed: Observed) -> list[Link]:
    """Wired links whose cable leads somewhere, and that have no address."""
    return [link for link in observed.links if not link.wifi and link.state > UNAVAILABLE and not link.addresses]


def _failed(reason: int, name: str) -> str:
    if reason == _NO_SECRETS:
        return f"wrong password for {name}"
    if reason in _NO_ADDRESS:
        return f"no address: {name} gives none"
    if reason in _REFUSED:
        return f"{name} refuses the device"
    return f"{name} cannot be joined, why is not known"
