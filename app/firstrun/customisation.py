"""What a customisation file asks for, whichever format it is in. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

KEPT = "*"
"""Secrets on the card are overwritten with these once they are applied; a value of nothing else stands for the one before."""


class Refused(ValueError):
    """A file that is not applied; the words name key, value and what is accepted, and no secret."""


@dataclass(frozen=True, slots=True, repr=False)
class Wifi:
    """One network. The first of several is preferred."""

    ssid: bytes
    secret: str = ""
    """A passphrase, or the key in hexadecimal; empty for an open network."""
    hidden: bool = False
    addresses: tuple[str, ...] = ()
    """With prefix; none for what the network gives. The same for the next two."""
    gateways: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class User:
    """The administrator, whose name SSH takes, too."""

    name: str
    hashed: str = ""
    """The password's hash; empty where the file gives none."""


@dataclass(frozen=True, slots=True, repr=False)
class Customisation:
    """All of it; what is empty was not asked for. It has secrets, and no representation."""

    hostname: str = ""
    timezone: str = ""
    country: str = ""
    user: User | None = None
    keys: tuple[str, ...] = ()
    """Public keys of who may have a shell."""
    wifi: tuple[Wifi, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()
    """inkvm's own, by the schema's names."""
    extras: tuple[str, ...] | None = None
    """What the target sees beside keyboard and mice; None where the file does not say."""
    time_servers: tuple[str, ...] = ()


def to_dict(wanted: Customisation) -> dict[str, Any]:
    """As JSON can carry it."""
    made = asdict(wanted)
    for network in made["wifi"]:
        network["ssid"] = network["ssid"].hex()
    return made


def from_dict(made: dict[str, Any]) -> Customisation:
    """What `to_dict` was given, of another version as far as it is known. Raises ValueError, TypeError or KeyError."""
    networks = tuple(Wifi(**{**known(Wifi, each), "ssid": bytes.fromhex(each["ssid"])}) for each in made["wifi"])
    user = None if made["user"] is None else User(**known(User, made["user"]))
    chosen = tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in made["settings"])
    return Customisation(**{**known(Customisation, made), "wifi": networks, "user": user, "settings": chosen})


def named(wanted: Customisation) -> tuple[str, ...]:
    """What is asked for, by name and without a value."""
    given = [each.name for each in fields(wanted) if getattr(wanted, each.name) not in ("", (), None)]
    return (*(name for name in given if name != "settings"), *(name for name, _value in wanted.settings))


def known(kind: type, made: dict[str, Any]) -> dict[str, Any]:
    """The fields that the class has, with tuples for JSON's lists."""
    names = {each.name for each in fields(kind)}
    return {name: tuple(each) if isinstance(each, list) else each for name, each in made.items() if name in names}
