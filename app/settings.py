"""What the owner can set: one schema table, read from a TOML file and checked key by key."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

_HOST = re.compile(r"[A-Za-z0-9_.:-]{1,253}")


@dataclass(frozen=True, slots=True)
class Web:
    """Where the daemon listens."""

    listen: str = ""
    """An address; empty for all of them."""
    port: int = 443
    hosts: tuple[str, ...] = ()
    """Names and addresses, beside its own, by which browsers may call the device."""


@dataclass(frozen=True, slots=True)
class Video:
    """How the picture is encoded."""

    bitrate: int = 4_000_000
    """Bits per second."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The e-paper panel: which one, and how it is wired. Lines are BCM numbers; chip select is the SPI driver's."""

    version: str = "v4"
    reset: int = 17
    dc: int = 25
    busy: int = 24
    power: int | str = 18
    """`none` where the supply is not switched."""
    thumbnail: bool = False
    """Whether the glass may show the target's last frame, small: it stays readable without power."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything; the defaults are those of the board."""

    web: Web = field(default_factory=Web)
    video: Video = field(default_factory=Video)
    panel: Panel = field(default_factory=Panel)


@dataclass(frozen=True, slots=True)
class Key:
    """One row of the schema. `data` says how a value may be shown: `secret` never, `pii` only to its owner, `plain` to all."""

    name: str
    kind: type | tuple[type, ...]
    accepts: str
    check: Callable[[Any], bool]
    data: Literal["plain", "pii", "secret"] = "plain"


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return value == ""
    return True


def _is_line(value: int) -> bool:
    """One of the header's lines. 0 and 1 are the board's own, 7 to 11 belong to the SPI driver."""
    return 2 <= value <= 27 and value not in range(7, 12)


_LINE = "a line from 2 to 27 that is not one of SPI's 7 to 11"


def _are_hosts(value: list[object]) -> bool:
    return all(isinstance(host, str) and _HOST.fullmatch(host) is not None for host in value)


SCHEMA: tuple[Key, ...] = (
    Key("web.listen", str, "an IPv4 or IPv6 address, or nothing for all", _is_address),
    Key("web.port", int, "a whole number from 1 to 65535", lambda value: 1 <= value <= 65535),
    Key("web.hosts", list, "a list of host names or addresses, without https:// and port", _are_hosts, "pii"),
    Key("video.bitrate", int, "bits per second, from 25000 to 20000000", lambda value: 25_000 <= value <= 20_000_000),
    Key(
        "panel.version", str, "v2, v3 or v4, as printed on the panel's back", lambda value: value in {"v2", "v3", "v4"}
    ),
    Key("panel.reset", int, _LINE, _is_line),
    Key("panel.dc", int, _LINE, _is_line),
    Key("panel.busy", int, _LINE, _is_line),
    Key(
        "panel.power",
        (int, str),
        f"{_LINE}, or 'none'",
        lambda value: _is_line(value) if isinstance(value, int) else value == "none",
    ),
    Key("panel.thumbnail", bool, "true or false", lambda _: True),
)


class BadSettings(ValueError):
    """A settings file that cannot be used; the words name file, key, value and what is accepted."""


def load(path: Path) -> Settings:
    """Read a settings file; one that does not exist means the defaults. Raises BadSettings."""
    try:
        return parse(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise BadSettings(f"{path}: {error}") from error


def parse(text: str) -> Settings:
    """Read settings from TOML. Raises ValueError in words."""
    import tomllib  # not needed where there is no file, as on most devices

    sections: dict[str, dict[str, Any]] = {section.name: {} for section in fields(Settings)}
    known = {key.name: key for key in SCHEMA}
    for section, values in tomllib.loads(text).items():
        if not isinstance(values, dict):
            raise BadSettings(f"key {section!r} has value {values!r}, expected a [section]")
        for name, value in values.items():
            full = f"{section}.{name}"
            if full not in known:
                raise BadSettings(f"key {full!r} is not known, expected one of {', '.join(known)}")
            sections[section][name] = _checked(known[full], value)
    panel = Panel(**sections["panel"])
    _check_lines(panel)
    return Settings(web=Web(**sections["web"]), video=Video(**sections["video"]), panel=panel)


def _check_lines(panel: Panel) -> None:
    seen: dict[int | str, str] = {}
    for name in ("reset", "dc", "busy", "power"):
        line = getattr(panel, name)
        if line in seen:
            raise BadSettings(f"key 'panel.{name}' has value {line}, expected another line than panel.{seen[line]}")
        seen[line] = name


def _checked(key: Key, value: object) -> object:
    # bool is an int to Python, but not to the owner
    if not isinstance(value, key.kind) or isinstance(value, bool) != (key.kind is bool) or not key.check(value):
        shown = "(not shown)" if key.data == "secret" else repr(value)
        raise BadSettings(f"key {key.name!r} has value {shown}, expected {key.accepts}")
    return tuple(value) if isinstance(value, list) else value
