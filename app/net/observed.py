"""What NetworkManager says of links, networks in the air and networks it knows, as values. Pure.

Source: NetworkManager's D-Bus interface, 1.52: org.freedesktop.NetworkManager.* and its enumerations (nm-dbus-types).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from app import cable

NAME: Final = "org.freedesktop.NetworkManager"

Security = Literal["open", "wpa", "sae", "enterprise", "wep", "owe"]
Objects = Mapping[str, Mapping[str, Mapping[str, tuple[str, Any]]]]
"""Path to interface to property to (signature, value): the answer of GetManagedObjects."""

UNAVAILABLE: Final = 20
DISCONNECTED: Final = 30
PREPARING: Final = 40
NEEDS_SECRETS: Final = 60
GETTING_ADDRESS: Final = 70
ACTIVATED: Final = 100
FAILED: Final = 120

_WIRED, _WIFI = 1, 2
_STATION = 2
_PRIVACY = 0x1
_PSK, _ENTERPRISE, _SAE, _OWE = 0x100, 0x200 | 0x2000, 0x400, 0x800
_CAN_5GHZ = 0x400


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """One station in the air that offers a network."""

    ssid: bytes
    strength: int
    """In percent."""
    frequency: int
    """In MHz."""
    security: Security


@dataclass(frozen=True, slots=True)
class Profile:
    """A connection that NetworkManager knows."""

    path: str
    uuid: str
    kind: str
    """`802-11-wireless`, `802-3-ethernet` and so on."""
    ssid: bytes | None
    """None for what is not Wi-Fi."""
    hidden: bool
    own: bool
    """An access point of the device's own."""
    priority: int


@dataclass(frozen=True, slots=True)
class Link:
    """One adapter, Wi-Fi or wired, the gadget's own apart."""

    path: str
    name: str
    wifi: bool
    state: int
    profile: str
    """Path of the profile in use, or being tried; empty while none is."""
    active: str
    """Path of the connection that is up, or being tried."""
    ssid: bytes
    """Of the access point it is at."""
    strength: int | None
    addresses: tuple[str, ...]
    """With prefix length, link-local ones left out."""
    gateway: bool
    """Whether there is a way out of its network."""
    wide: bool
    """Whether it hears 5 GHz; meaningless for a wired one."""
    scanned: bool
    """Whether it has listened to the air since it is there; never true of a wired one."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything at one moment."""

    links: tuple[Link, ...]
    air: tuple[AccessPoint, ...]
    profiles: tuple[Profile, ...]
    radio: bool
    """Whether the radio is on: by switch, and by setting."""

    @property
    def wifi(self) -> Link | None:
        """The radio, where there is one."""
        return next((link for link in self.links if link.wifi), None)

    @property
    def known(self) -> tuple[Profile, ...]:
        """Other people's Wi-Fi networks that the device may join, the preferred ones first."""
        found = [profile for profile in self.profiles if profile.ssid is not None and not profile.own]
        return tuple(sorted(found, key=lambda profile: -profile.priority))

    def profile(self, ssid: bytes) -> str:
        """Path of the network of that name, if it is known; else empty."""
        return next((profile.path for profile in self.known if profile.ssid == ssid), "")

    def beside(self, path: str) -> list[int]:
        """The priorities of the other networks that are known."""
        return [profile.priority for profile in self.known if profile.path != path]


def observe(objects: Objects, settings: Mapping[str, Mapping[str, Mapping[str, tuple[str, Any]]]]) -> Observed:
    """Put it together.

    Args:
        objects: what GetManagedObjects says.
        settings: what GetSettings says of each profile, by path.
    """
    manager = _plain(objects.get(f"/{NAME.replace('.', '/')}", {}).get(NAME, {}))
    return Observed(
        links=tuple(_links(objects)),
        air=tuple(sorted(_air(objects), key=lambda point: -point.strength)),
        profiles=tuple(_profile(path, groups) for path, groups in settings.items()),
        radio=bool(manager.get("WirelessEnabled", True) and manager.get("WirelessHardwareEnabled", True)),
    )


def _plain(properties: Mapping[str, tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, (_signature, value) in properties.items()}


def _links(objects: Objects) -> Iterator[Link]:
    for path, interfaces in sorted(objects.items()):
        device = _plain(interfaces.get(f"{NAME}.Device", {}))
        # The cable to the target leads to no network: it neither is one nor says why there is none, and nothing there can be changed.
        if device.get("DeviceType") in {_WIRED, _WIFI} and device["Interface"] != cable.INTERFACE:
            yield _link(path, device, _plain(interfaces.get(f"{NAME}.Device.Wireless", {})), objects)


def _link(path: str, device: Mapping[str, Any], radio: Mapping[str, Any], objects: Objects) -> Link:
    def at(place: str, interface: str) -> dict[str, Any]:
        return _plain(objects.get(place, {}).get(f"{NAME}.{interface}", {}))

    active = device["ActiveConnection"].rstrip("/")
    point = at(radio.get("ActiveAccessPoint", ""), "AccessPoint") if radio.get("Mode") == _STATION else {}
    configs = [at(device["Ip4Config"], "IP4Config"), at(device["Ip6Config"], "IP6Config")]
    return Link(
        path=path,
        name=device["Interface"],
        wifi=device["DeviceType"] == _WIFI,
        state=device["State"],
        profile=at(active, "Connection.Active").get("Connection", "").rstrip("/"),
        active=active,
        ssid=bytes(point.get("Ssid", b"")),
        strength=point.get("Strength"),
        addresses=tuple(
            f"{entry['address'][1]}/{entry['prefix'][1]}"
            for config in configs
            for entry in config.get("AddressData", ())
            if not entry["address"][1].startswith(("fe80:", "169.254."))
        ),
        gateway=any(config.get("Gateway") for config in configs),
        wide=bool(radio.get("WirelessCapabilities", 0) & _CAN_5GHZ),
        scanned=radio.get("LastScan", -1) >= 0,
    )


def _air(objects: Objects) -> Iterator[AccessPoint]:
    for interfaces in objects.values():
        point = _plain(interfaces.get(f"{NAME}.AccessPoint", {}))
        if point and point["Mode"] == _STATION:
            yield AccessPoint(bytes(point["Ssid"]), point["Strength"], point["Frequency"], _security(point))


def _security(point: Mapping[str, Any]) -> Security:
    flags = point["WpaFlags"] | point["RsnFlags"]
    if flags & _PSK:
        return "wpa"
    if flags & _SAE:
        return "sae"
    if flags & _ENTERPRISE:
        return "enterprise"
    if flags & _OWE:
        return "owe"
    return "wep" if point["Flags"] & _PRIVACY and not flags else "open"


def _profile(path: str, groups: Mapping[str, Mapping[str, tuple[str, Any]]]) -> Profile:
    connection = _plain(groups["connection"])
    radio = _plain(groups.get("802-11-wireless", {}))
    return Profile(
        path=path,
        uuid=connection["uuid"],
        kind=connection["type"],
        ssid=bytes(radio["ssid"]) if radio else None,
        hidden=bool(radio.get("hidden", False)),
        own=radio.get("mode") == "ap",
        priority=connection.get("autoconnect-priority", 0),
    )
