"""A customisation file in any of the three formats, as what it asks for: strict on keys it knows, lenient on others. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_interface
from typing import Any

from app import settings, wifi
from app.firstrun import checks, files, schema, source
from app.firstrun.customisation import KEPT, Customisation, Refused, User, Wifi
from app.firstrun.schema import Row
from app.firstrun.source import Path

_NETWORKS = 16
_WARNINGS = 8

Values = dict[str, Any]
"""By the names of `inkvm.toml`."""


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was understood."""

    wanted: Customisation
    warnings: tuple[str, ...]
    secrets: dict[Path, str]
    """What has to go from the card, and where in the file it is."""


@dataclass(frozen=True, slots=True)
class World:
    """What a file is judged by beside itself."""

    before: Customisation
    """What is in force: asterisks stand for its secrets."""
    is_zone: Callable[[str], bool]
    """Whether the device knows that time zone."""
    hashed: Callable[[str, str], str]
    """A password's hash, given the user's name. Raises ValueError, in words, for one that is too weak."""


def read(file: str, content: bytes, world: World) -> Read:
    """Understand a file. Raises Refused for the first thing in it that cannot be."""
    document = source.document(content)
    sections, warnings = _sections(file, document)
    if file != files.INKVM and "config_version" not in document:
        raise Refused("key 'config_version' is missing, expected 1 or '1.x'")
    common, networks = _values(file, sections, warnings)
    chosen = tuple((row.key.name, common[row.key.name]) for row in schema.SETTINGS if row.key.name in common)
    zone = common.get("system.timezone", "")
    if zone and not world.is_zone(zone):
        raise _refused(file, "system.timezone", zone)
    wanted = Customisation(
        hostname=common.get("system.hostname", "").lower(),
        timezone=zone,
        time_servers=common.get("system.time_servers", ()),
        country=common.get("system.country", ""),
        user=_user(file, common, world),
        keys=_keys(common, warnings),
        wifi=tuple(_networks(file, networks, world)),
        settings=chosen,
        extras=common.get("usb.extras"),
    )
    return Read(wanted, _few(warnings), _secrets(file, document))


def _sections(file: str, document: dict[str, Any]) -> tuple[list[tuple[str, Values]], list[str]]:
    """The sections that make sense with their values, and a warning for each thing that does not."""
    found: list[tuple[str, Values]] = [("", {})]
    warnings: list[str] = []
    for section, inner in document.items():
        if isinstance(inner, dict):
            found.append((section, inner))
        elif file == files.INKVM and section == schema.WIFI and _are_tables(inner):
            if len(inner) > _NETWORKS:
                raise Refused(f"section '[[wifi]]' is there {len(inner)} times, expected at most {_NETWORKS}")
            found += [(section, each) for each in inner]
        elif any(name.startswith(f"{section}.") for name in schema.known_in(file)):
            raise Refused(f"key {section!r} is no section, expected [{section}] and its keys")
        else:
            found[0][1][section] = inner
    return found, warnings


def _are_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _values(file: str, sections: list[tuple[str, Values]], warnings: list[str]) -> tuple[Values, list[Values]]:
    """Every value that the schema knows, checked: those of the device, and those of each network."""
    known = schema.known_in(file)
    common: Values = {}
    networks: list[Values] = []
    several = [section for section, _ in sections].count(schema.WIFI) > 1
    for section, inner in sections:
        values = {}
        for name, value in inner.items():
            full = f"{section}.{name}" if section else name
            if full in known or full in schema.MISTAKEN:
                with _numbered(len(networks) + 1 if several and section == schema.WIFI else None):
                    if full in schema.MISTAKEN:
                        raise Refused(f"key {full!r} is not known, expected {schema.MISTAKEN[full]!r}")
                    values[known[full].key.name] = _checked(file, known[full], value)
            else:
                warnings.append(f"key {_short(full)} is not used")
        network = {name: value for name, value in values.items() if name.startswith("wifi.")}
        if network or section == schema.WIFI:
            networks.append(network)
        common |= {name: value for name, value in values.items() if name not in network}
    return common, networks


@contextmanager
def _numbered(number: int | None) -> Iterator[None]:
    """Say of which network a refusal is, where there are several."""
    try:
        yield
    except Refused as error:
        if number is None:
            raise
        raise Refused(f"network {number}: {error}") from error


def _checked(file: str, row: Row, value: object) -> object:
    try:
        return settings.checked(_named(row, file), value)
    except settings.BadSettings as error:
        raise Refused(str(error)) from error


def _named(row: Row, file: str) -> settings.Key:
    """The row's key under its name in that format, for the words of a refusal."""
    return replace(row.key, name=row.name_in(file))


def _refused(file: str, name: str, value: object, accepts: str = "") -> Refused:
    """A value that passes by itself and does not fit."""
    row = next(row for row in schema.ROWS if row.key.name == name)
    key = _named(row, file)
    return Refused(f"key {key.name!r} has value {settings.shown(key, value)}, expected {accepts or key.accepts}")


def _user(file: str, common: Values, world: World) -> User | None:
    name, secret = common.get("user.name", ""), common.get("user.password", "")
    if not name:
        if secret:
            raise _refused(file, "user.name", "", "a name for whose password there is")
        return None
    before = world.before.user
    if secret and not secret.strip(KEPT):
        if before is None or before.name != name or not before.hashed:
            raise _refused(file, "user.password", secret, "the password itself: no earlier one of this user is known")
        return before
    encrypted = common.get("user.password_encrypted", checks.is_crypt(secret))
    if not secret or (encrypted and checks.is_crypt(secret)):
        return User(name, secret)
    if encrypted:
        raise _refused(file, "user.password", secret, "a hash of crypt(3) that begins with $y$, $6$, $5$ or $2b$")
    try:
        return User(name, world.hashed(secret, name))
    except ValueError as error:
        raise _refused(file, "user.password", secret, f"a better one: {error}") from error


def _keys(common: Values, warnings: list[str]) -> tuple[str, ...]:
    keys: tuple[str, ...] = common.get("ssh.authorized_keys", ())
    enabled = common.get("ssh.enabled", False)
    if enabled and not keys:
        warnings.append("key 'ssh.enabled' is true and no key is listed: no shell")
    if keys and not enabled:
        warnings.append("keys are listed and 'ssh.enabled' is not true: no shell")
    return keys if enabled else ()


def _networks(file: str, networks: list[Values], world: World) -> Iterator[Wifi]:
    seen = set()
    for number, values in enumerate(networks, 1):
        with _numbered(number if len(networks) > 1 else None):
            network = _network(file, values, world)
            if network is None:
                continue
            if network.ssid in seen:
                raise _refused(file, "wifi.ssid", values.get("wifi.ssid", network.ssid.hex()), "each network once")
        seen.add(network.ssid)
        yield network


def _network(file: str, values: Values, world: World) -> Wifi | None:
    text, in_hex = values.get("wifi.ssid", ""), values.get("wifi.ssid_hex", "")
    secret = values.get("wifi.password", "")
    if not text and not in_hex:
        if secret or "wifi.address" in values:
            raise _refused(file, "wifi.ssid", "", "the name of the network whose other keys are there")
        return None
    ssid = bytes.fromhex(in_hex) if in_hex else text.encode()
    if secret and not secret.strip(KEPT):
        kept = next((network.secret for network in world.before.wifi if network.ssid == ssid), "")
        if not kept:
            raise _refused(file, "wifi.password", secret, "the passphrase: no earlier one of this network is known")
        secret = kept
    if secret and values.get("wifi.password_encrypted") is True and not wifi.is_key(secret):
        raise _refused(file, "wifi.password", secret, "64 hexadecimal digits, as it is said to be the key")
    method = values.get("wifi.key_mgmt", "wpa-psk" if secret else "none")
    if (method == "none") != (secret == ""):
        accepts = "no password in an open network" if secret else "a password, as the network is said to have one"
        raise _refused(file, "wifi.password", secret, accepts)
    addresses, gateways = values.get("wifi.address", ()), values.get("wifi.gateway", ())
    _check_gateways(file, addresses, gateways)
    return Wifi(ssid, secret, values.get("wifi.hidden", False), addresses, gateways, values.get("wifi.dns", ()))


def _check_gateways(file: str, addresses: tuple[str, ...], gateways: tuple[str, ...]) -> None:
    """Each is reached from one of the addresses, and there is one of a kind."""
    ways = [ip_address(each) for each in gateways]
    if len({way.version for way in ways}) < len(ways):
        raise _refused(file, "wifi.gateway", list(gateways), "one for IPv4 and one for IPv6 at most")
    own = [ip_interface(each) for each in addresses]
    for way in ways:
        near = any(way in each.network and way != each.ip for each in own)
        local = way.version == 6 and way.is_link_local and any(each.version == 6 for each in own)
        if not near and not local:
            raise _refused(file, "wifi.gateway", str(way), "another machine in the network of one of wifi.address")


def _secrets(file: str, document: dict[str, Any]) -> dict[Path, str]:
    secret = {name for name, row in schema.known_in(file).items() if row.key.data == "secret"}
    secret.update(schema.UNUSED_SECRETS.get(file, ()))
    return {
        path: value
        for path, value in source.values(document)
        if ".".join(part for part in path if isinstance(part, str)) in secret
        and isinstance(value, str)
        and value.strip(KEPT)
    }


def _few(warnings: list[str]) -> tuple[str, ...]:
    more = len(warnings) - _WARNINGS
    return (*warnings[:_WARNINGS], f"and {more} more") if more > 0 else tuple(warnings)


def _short(name: str) -> str:
    """A name from outside, as it can be printed."""
    words = ascii(name)
    return words if len(words) <= 50 else f"{words[:47]}..."
