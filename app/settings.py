"""What the owner can set: one schema table, read from a TOML file and checked key by key."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

_KEYMAP = re.compile(r"[a-z]+(\([A-Za-z0-9_+-]+\))?")
_HOST = re.compile(r"[A-Za-z0-9_.:-]{1,253}")
_SHOWN = 60
"""Characters of a value that an error shows."""


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
    edid: str = "720p60"
    """The display that the target sees: a preset, or the path of a file."""


@dataclass(frozen=True, slots=True)
class Stream:
    """How the picture is delivered."""

    bound_ms: int = 250
    """Milliseconds after its capture within which a frame's transmission may start."""


@dataclass(frozen=True, slots=True)
class Hid:
    """The target's keyboard."""

    keymap: str = "us"
    """The layout in which text is typed when nobody says another, as xkeyboard-config names it."""
    jiggler: bool = False
    """Whether the mouse is moved once a minute while nobody touches it."""


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
    stream: Stream = field(default_factory=Stream)
    hid: Hid = field(default_factory=Hid)
    panel: Panel = field(default_factory=Panel)


@dataclass(frozen=True, slots=True)
class Key:
    """One row of the schema. `data` says how a value may be shown: `secret` never, `pii` only to its owner, `plain` to all."""

    name: str
    kind: type | tuple[type, ...]
    accepts: str
    check: Callable[[Any], bool]
    data: Literal["plain", "pii", "secret"] = "plain"
    about: str = ""
    """What it is for, in a few words for the owner."""


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


_DISPLAYS = ("720p60", "1080p30", "1080p50")


def _is_display(value: str) -> bool:
    return value in _DISPLAYS or value.startswith("/")


SCHEMA: tuple[Key, ...] = (
    Key(
        "web.listen", str, "an IPv4 or IPv6 address, or nothing for all", _is_address, about="where the page is served"
    ),
    Key(
        "web.port",
        int,
        "a whole number from 1 to 65535",
        lambda value: 1 <= value <= 65535,
        about="the HTTPS port",
    ),
    Key(
        "web.hosts",
        list,
        "a list of bare host names or addresses, without port",
        _are_hosts,
        "pii",
        about="other names by which browsers call the device",
    ),
    Key(
        "video.bitrate",
        int,
        "bits per second, from 25000 to 20000000",
        lambda value: 25_000 <= value <= 20_000_000,
        about="the most that the picture takes, in bits per second",
    ),
    Key(
        "video.edid",
        str,
        f"{', '.join(_DISPLAYS)}, or the absolute path of a file with an EDID",
        _is_display,
        about="the display that the target sees",
    ),
    Key(
        "stream.bound_ms",
        int,
        "milliseconds, from 50 to 2000",
        lambda value: 50 <= value <= 2000,
        about="how old a frame may be when it leaves, in milliseconds",
    ),
    Key(
        "hid.keymap",
        str,
        "a layout such as 'us' or 'de(neo)'",
        lambda value: _KEYMAP.fullmatch(value) is not None,
        about="the keyboard layout in which text is typed",
    ),
    Key("hid.jiggler", bool, "true or false", lambda _: True, about="the mouse moves by itself once a minute"),
    Key(
        "panel.version",
        str,
        "v2, v3 or v4, as printed on the panel's back",
        lambda value: value in {"v2", "v3", "v4"},
        about="which panel is fitted",
    ),
    Key("panel.reset", int, _LINE, _is_line, about="the panel's RST line, by BCM number"),
    Key("panel.dc", int, _LINE, _is_line, about="its DC line"),
    Key("panel.busy", int, _LINE, _is_line, about="its BUSY line"),
    Key(
        "panel.power",
        (int, str),
        f"{_LINE}, or 'none'",
        lambda value: _is_line(value) if isinstance(value, int) else value == "none",
        about="its PWR line",
    ),
    Key("panel.thumbnail", bool, "true or false", lambda _: True, about="the panel shows the target's last picture"),
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
            sections[section][name] = checked(known[full], value)
    panel = Panel(**sections["panel"])
    _check_lines(panel)
    return Settings(
        web=Web(**sections["web"]),
        video=Video(**sections["video"]),
        stream=Stream(**sections["stream"]),
        hid=Hid(**sections["hid"]),
        panel=panel,
    )


def _check_lines(panel: Panel) -> None:
    seen: dict[int | str, str] = {}
    for name in ("reset", "dc", "busy", "power"):
        line = getattr(panel, name)
        if line in seen:
            raise BadSettings(f"key 'panel.{name}' has value {line}, expected another line than panel.{seen[line]}")
        seen[line] = name


def checked(key: Key, value: object) -> object:
    """The value, lists as tuples. Raises BadSettings, which shows it only where the schema lets it."""
    # bool is an int to Python, but not to the owner
    if not isinstance(value, key.kind) or isinstance(value, bool) != (key.kind is bool) or not key.check(value):
        raise BadSettings(f"key {key.name!r} has value {shown(key, value)}, expected {key.accepts}")
    return tuple(value) if isinstance(value, list) else value


def shown(key: Key, value: object) -> str:
    """A value as it may be shown to who wrote it: secrets not at all, and nothing at length."""
    if key.data == "secret":
        return "(not shown)"
    words = repr(value)
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 3]}..."


def merged(text: str, changes: Mapping[str, object]) -> str:
    """The settings of a file's `text` with some of them changed, as TOML.

    Args:
        text: what the file says now.
        changes: by the schema's names.

    Raises:
        ValueError: the file cannot be used, or together they make no sense.
    """
    import tomllib

    parse(text)
    sections: dict[str, dict[str, object]] = tomllib.loads(text)
    for full, value in changes.items():
        section, _, name = full.partition(".")
        sections.setdefault(section, {})[name] = value
    lines = []
    for section, values in sections.items():
        lines += [f"[{section}]", *(f"{name} = {literal(value)}" for name, value in values.items()), ""]
    made = "\n".join(lines)
    parse(made)
    return made


def literal(value: object) -> str:
    """A value of one of the schema's kinds in TOML's notation."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, str):
        # JSON's notation of a string is TOML's but for the characters that JSON lets stand.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value).lower()
