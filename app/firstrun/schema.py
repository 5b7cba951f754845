"""Every key of the customisation file, once: what it is called in each format, what is accepted, and who may see its value.

The table drives validation, redaction, the documentation and the sample file. inkvm's own settings are rows of
`app.settings.SCHEMA`. Sources of the other formats: the schema and manual of raspberrypi/rpi-preseed (`rpi-preseed.toml`),
and `init_config` of RPi-Distro/raspberrypi-sys-mods (`custom.toml`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from app import identity, settings, wifi
from app.firstrun import checks
from app.firstrun.files import IMAGER, INKVM, PRESEED
from app.settings import Key

WIFI = "wifi"
"""The section that can be there several times."""


@dataclass(frozen=True, slots=True)
class Row:
    """One key of ours, and what stands for it elsewhere."""

    key: Key
    preseed: str = ""
    """Its name in `rpi-preseed.toml`; empty where that has none."""
    imager: str = ""
    """Its name in `custom.toml`."""
    default: str = ""
    """What holds without it, in words."""
    example: str = ""
    """A value in TOML's notation."""
    own: bool = True
    """Whether `inkvm.toml` has it."""

    def name_in(self, file: str) -> str:
        """What the key is called in that format; empty where it has none."""
        return {INKVM: self.key.name if self.own else "", PRESEED: self.preseed, IMAGER: self.imager}[file]


Data = Literal["plain", "pii", "secret"]


def _row(
    name: str, kind: type, accepts: str, check: Any, about: str, *, data: Data = "plain",
    both: str = "", preseed: str = "", default: str = "", example: str = "", own: bool = True,
) -> Row:  # fmt: skip
    """`both` is the name in the two formats of Raspberry Pi Imager."""
    key = Key(name, kind, accepts, check, data, about)
    return Row(key, preseed or both, both, default, example, own)


_YES_NO = "true or false"


def _any(_value: object) -> bool:
    return True


_SYSTEM = (
    _row(
        "system.hostname", str, identity.HOSTNAME, identity.is_hostname,
        "the device's name in the network", data="pii", both="system.hostname",
        default="inkvm and the last four digits of the serial number", example='"kvm-rack3"',
    ),
    _row(
        "system.timezone", str, "a time zone such as 'Europe/Berlin'", checks.is_zone,
        "the time zone of the panel", both="locale.timezone", default="UTC", example='"Europe/Berlin"',
    ),
    _row(
        "system.time_servers", list, "a list of 1 to 4 names or addresses such as 'ntp.example.org'", checks.are_time_servers,
        "who is asked what time it is, and nobody else", preseed="time.ntp", default="whom the network names, then Debian's",
        example='["ntp.example.org"]',
    ),
    _row(
        "system.country", str, "two capital letters such as 'DE'", checks.is_country,
        "where the device is: the channels that its radio may use", both="wlan.country",
        default="the channels that are allowed everywhere", example='"DE"',
    ),
    _row(
        "user.name", str, "a lower-case letter, then at most 31 of a-z 0-9 _ -", checks.is_login,
        "the administrator, and the name for SSH", data="pii", both="user.name", default="who claims the device",
        example='"ann"',
    ),
    _row(
        "user.password", str, "at least 10 characters, or a hash of crypt(3)", _any,
        "the administrator's password, or its hash", data="secret", both="user.password",
        default="nobody owns the device until it is claimed", example='"..."',
    ),
    _row(
        "user.password_encrypted", bool, _YES_NO, _any, "whether that is a hash", data="secret", both="user.password_encrypted",
        default="as it looks", example="false",  # secret: somebody may well write the password here
    ),
    _row(
        "ssh.enabled", bool, _YES_NO, _any, "whether the keys below open a shell", both="ssh.enabled", default="false",
        example="true",
    ),
    _row(
        "ssh.authorized_keys", list, "a list of public keys such as 'ssh-ed25519 AAAA... ann@laptop', without options",
        checks.are_public_keys, "who may have a shell", data="pii", both="ssh.authorized_keys", default="nobody",
        example='["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVzZSB5b3VyIG93biBwdWJsaWMga2V5IGhlcmUhISEh ann@laptop"]',
    ),
)  # fmt: skip

_NETWORK = (
    _row(
        "wifi.ssid", str, "1 to 32 bytes of text", checks.is_network_name, "the network's name", data="pii",
        both="wlan.ssid", default="no network", example='"workshop"',
    ),
    _row(
        "wifi.ssid_hex", str, "2 to 64 hexadecimal digits, two for each byte", checks.is_network_hex,
        "its name in hexadecimal, if it is not text; comes before `ssid`", data="pii", preseed="wlan.ssid_hex",
        default="`ssid`", example='"776f726b73686f70"',
    ),
    _row(
        "wifi.password", str, wifi.ACCEPTED, checks.is_wifi_secret,
        "its passphrase, or the key made of it", data="secret", both="wlan.password",
        default="an open network", example='"..."',
    ),
    _row(
        "wifi.password_encrypted", bool, _YES_NO, _any, "whether that is the key", data="secret", own=False,
        both="wlan.password_encrypted", default="as it looks",
    ),
    _row(
        "wifi.key_mgmt", str, "wpa-psk or none: this radio cannot join networks that have nothing but WPA3",
        lambda value: value in {"wpa-psk", "none"}, "how the network is secured", own=False, preseed="wlan.key_mgmt",
        default="wpa-psk with a password",
    ),
    _row(
        "wifi.hidden", bool, _YES_NO, _any, "whether it does not announce itself", both="wlan.hidden", default="false",
        example="true",
    ),
    _row(
        "wifi.address", list, "a list of addresses with prefix such as '192.168.1.50/24'", checks.are_own_addresses,
        "static addresses, IPv4 or IPv6", data="pii", default="what the network gives", example='["192.168.1.50/24"]',
    ),
    _row(
        "wifi.gateway", list, "a list of addresses such as '192.168.1.1'", checks.are_addresses,
        "the way out for the static addresses, at most one of each kind", data="pii", default="none",
        example='["192.168.1.1"]',
    ),
    _row(
        "wifi.dns", list, "a list of addresses such as '192.168.1.1'", checks.are_addresses, "name servers", data="pii",
        default="what the network gives", example='["192.168.1.1"]',
    ),
)  # fmt: skip

_USB = (
    _row(
        "usb.extras", list, "a list of 'storage', 'serial' and 'network', at most one of the last two", checks.are_extras,
        "what the target sees beside keyboard and mice; with 'network' the page is there over the cable", default="nothing",
        example='["network"]',
    ),
)  # fmt: skip

_VERSION = (
    Row(
        Key(
            "config_version", (str, int), "1 or '1.x'", lambda value: str(value).split(".")[0] == "1", about="the format"
        ),
        "config_version", "config_version", own=False,
    ),
)  # fmt: skip

_BOTH_HAVE = {"hid.keymap": "locale.keymap"}
"""Settings that Raspberry Pi Imager asks for as well."""


def _setting(key: Key) -> Row:
    section, _, name = key.name.partition(".")
    value = getattr(getattr(settings.Settings(), section), name)
    foreign = _BOTH_HAVE.get(key.name, "")
    return Row(key, foreign, foreign, default=settings.literal(value), example=settings.literal(value))


SETTINGS = tuple(_setting(key) for key in settings.SCHEMA)
ROWS: tuple[Row, ...] = (*_VERSION, *_SYSTEM, *_NETWORK, *_USB, *SETTINGS)


def known_in(file: str) -> dict[str, Row]:
    """The rows of one format by their names there."""
    return {name: row for row in ROWS if (name := row.name_in(file))}


UNUSED_SECRETS = {PRESEED: ("connect.token",)}
"""Keys of other formats that mean nothing here, and still open something to who reads them on the card."""
MISTAKEN = {f"{section}.{name}": f"{section}.password" for section in (WIFI, "wlan") for name in ("psk", "passphrase")}
"""Names that people and other formats give to a key of ours. Passed over, they would make an open network of a protected one."""
