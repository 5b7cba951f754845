"""Customisation files as people, editors and enemies write them: understood or refused in words, and never anything else."""

from __future__ import annotations

import json
import os
import re
import tempfile
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import event, given, settings
from hypothesis import strategies as st

from app import identity
from app.firstrun import networks, schema, shell
from app.firstrun.customisation import Customisation, Refused, from_dict, to_dict
from app.firstrun.files import FORMATS, MOST, NOT_UNDERSTOOD
from app.firstrun.formats import World
from app.firstrun.plan import Found, Record, in_force, judge
from app.settings import merged, parse
from tests.app.firstrun.bench import KEY, PASSWD, Device
from tests.app.firstrun.gkeyfile import KeyFile
from tests.conftest import EFFORT

SECRET = "5ecret!"
"""Begins every password that is written here, and nothing else."""
CRYPT = "$6$saltsalt$" + "a" * 86
REFUSAL = re.compile(
    r"(?:(?:network \d+: )?key '(?P<key>[\w.]+)' (?:has value (?P<value>.+)|is missing|is no section|is not known)"
    r"|section '\[\[wifi\]\]' is there \d+ times|the file is .+|line \d+ has .+"
    r"|(?:[\w.-]+) (?:is a link|is a folder or a device|has \d+ bytes)), expected .+"
)


def hashed(password: str, user: str) -> str:
    if len(password) < 10:
        raise ValueError("a password has 10 to 256 characters")
    return f"hash of {len(password)} for {user}"


WORLD = World(Customisation(), lambda name: name in {"Europe/Berlin", "Etc/UTC"}, hashed)

anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
secrets = st.text(max_size=70).map(lambda text: SECRET + text)
good: dict[str, st.SearchStrategy[Any]] = {
    "config_version": st.sampled_from(["1", "1.0", "1.7"]) | st.just(1),
    "system.hostname": st.from_regex(r"\A[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z"),
    "system.timezone": st.sampled_from(["Europe/Berlin", "Etc/UTC"]),
    "system.time_servers": st.lists(st.ip_addresses().map(str) | st.just("ntp.example.org"), min_size=1, max_size=4),
    "system.country": st.from_regex(r"\A[A-Z]{2}\Z"),
    "user.name": st.from_regex(r"\A[a-z_][a-z0-9_-]{0,31}\Z"),
    "user.password": secrets | st.just(CRYPT),
    "user.password_encrypted": st.just(False),
    "ssh.enabled": st.booleans(),
    "ssh.authorized_keys": st.lists(st.just(KEY) | st.text(alphabet=" abcé", max_size=9).map(KEY.__add__), max_size=3),
    "wifi.ssid": st.text(min_size=1, max_size=12),
    "wifi.ssid_hex": st.binary(min_size=1, max_size=32).map(bytes.hex),
    "wifi.password": secrets | st.just("ab" * 32),
    "wifi.password_encrypted": st.just(False),
    "wifi.key_mgmt": st.just("wpa-psk"),
    "wifi.hidden": st.booleans(),
    "wifi.address": st.lists(st.ip_addresses().map(lambda address: f"{address}/24"), max_size=2),
    "wifi.gateway": st.just([]) | st.ip_addresses().map(lambda address: [str(address)]),
    "wifi.dns": st.lists(st.ip_addresses().map(str), max_size=2),
    "usb.extras": st.sampled_from([[], ["network"], ["storage", "serial"]]),
    "web.port": st.integers(1, 65535),
    "hid.keymap": st.sampled_from(["us", "de(neo)"]),
    "panel.version": st.sampled_from(["v2", "v3", "v4"]),
    "panel.reset": st.integers(2, 27),
}


def literal(value: Any) -> str:
    """A value in TOML, strings in one of the ways to write them."""
    if isinstance(value, str):
        if value.isprintable() and "'" not in value and len(value) % 3 == 0:
            return f"'{value}'"
        if value.isprintable() and '"' not in value and "\\" not in value and len(value) % 3 == 1:
            return f'"""{value}"""'
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(name)} = {literal(inner)}' for name, inner in value.items())}}}"
    return "''" if value is None else str(value).lower()


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str]:
    """A file's name, and what is in it: keys of that format with fitting values, mostly."""
    file = draw(st.sampled_from(FORMATS))
    known = {name: row.key.name for name, row in schema.known_in(file).items()}
    chosen = draw(st.lists(st.sampled_from(sorted(known)), unique=True, max_size=12))
    strange = draw(st.integers(0, 40))
    sections: dict[str, list[str]] = {"": ["config_version = '1.1'"] if file != "inkvm.toml" else []}
    for number, name in enumerate(chosen):
        section, _, key = name.rpartition(".")
        if key == "config_version":
            continue
        value = draw(anything if number == strange else good.get(known[name], anything))
        if "password" in key and isinstance(value, str) and not value.startswith(("$", "ab", SECRET)):
            value = SECRET + value
        sections.setdefault(section, []).append(f"{key} = {literal(value)}")
    if draw(st.booleans()):
        extra = draw(st.dictionaries(st.text(max_size=20), anything, max_size=2))
        sections.setdefault("other", []).extend(f"{json.dumps(name)} = {literal(each)}" for name, each in extra.items())
    lines = [line for section, inner in sections.items() for line in ([f"[{section}]"] if section else []) + inner]
    return file, "\n".join(lines) + "\n"


@st.composite
def files(draw: st.DrawFn) -> Found:
    """And what becomes of it on its way to the card."""
    file, text = draw(texts())
    damage = draw(
        st.sampled_from(["none", "none", "none", "cut", "byte", "crlf", "bom", "utf-16", "latin-1", "noise", "twice"])
    )
    content = text.encode("utf-8", "replace")
    if damage == "cut":
        content = content[: draw(st.integers(0, len(content)))]
    elif damage == "byte" and content:
        at = draw(st.integers(0, len(content) - 1))
        content = content[:at] + bytes([draw(st.integers(0, 255))]) + content[at + 1 :]
    elif damage == "crlf":
        content = content.replace(b"\n", b"\r\n")
    elif damage == "bom":
        content = b"\xef\xbb\xbf" + content
    elif damage in {"utf-16", "latin-1"}:
        content = text.encode(damage, "replace")
    elif damage == "noise":
        content = draw(st.binary(max_size=200))
    elif damage == "twice":
        content += content
    return Found(file, content)


def judged(found: Found, world: World = WORLD) -> Record | None:
    """The record, or nothing for a refusal in proper words."""
    try:
        return judge(found, world, "")
    except Refused as refusal:
        words = str(refusal)
        proper(found.name, words)
        return None


def proper(file: str, words: str) -> None:
    """A refusal names the key and its value, unless that is a secret or the file has no keys, and what is accepted."""
    assert words.isprintable()
    assert SECRET not in words
    assert "cannot judge" not in words
    assert len(words) < 400
    told = REFUSAL.fullmatch(words)
    assert told, words
    if told["value"]:
        hidden = schema.known_in(file)[told["key"]].key.data == "secret"
        assert (told["value"] == "(not shown)") == hidden


@settings(max_examples=1000 * EFFORT)
@given(files())
def test_every_file_is_applied_in_whole_or_refused_in_words(found: Found) -> None:
    record = judged(found)
    event("refused" if record is None else f"applied, {min(len(record.wanted.wifi), 1)} network")
    if record is None:
        return
    wanted = record.wanted
    assert from_dict(json.loads(json.dumps(to_dict(wanted)))) == wanted
    assert all(line.isprintable() and SECRET not in line for line in record.warnings)
    applied(wanted)
    starred(found, record)


def applied(wanted: Customisation) -> None:
    """What is made of it has the values that were asked for, and nothing beside them."""
    assert wanted.hostname == "" or identity.is_hostname(wanted.hostname)
    made = networks.files(wanted.wifi)
    assert len(made) == len(wanted.wifi)
    for network, content in zip(wanted.wifi, made.values(), strict=True):
        read = KeyFile(content).content()
        assert read.keys() <= {"connection", "wifi", "wifi-security", "ipv4", "ipv6"}
        assert bytes(int(byte) for byte in read["wifi"]["ssid"].split(";")[:-1]) == network.ssid
        assert read.get("wifi-security", {}).get("psk", "") == network.secret
        assert read["connection"].keys() == {"id", "uuid", "type", "autoconnect-priority", "autoconnect-retries"}
    lines = shell.authorized_keys(wanted.keys).splitlines()
    assert lines == list(wanted.keys)
    assert all(line.startswith("ssh-ed25519 ") for line in lines)
    name = wanted.user.name if wanted.user is not None else ""
    accounts = shell.accounts(PASSWD, name).splitlines()
    assert len(accounts) == 2 + bool(name and name not in {"root", "sshd"})
    assert all(len(line.split(":")) == 7 for line in accounts)
    parse(merged("", dict(wanted.settings)))


def starred(found: Found, record: Record) -> None:
    """The file without its secrets is as long, has none of them, and asks for the same of a device that knows them."""
    assert len(record.clean) == len(found.content)
    left = tomllib.loads(record.clean.decode("utf-8-sig"))
    for section in ("user", "wifi", "wlan"):
        tables = left.get(section, {})
        for table in tables if isinstance(tables, list) else [tables]:
            if f"{section}.password" in schema.known_in(found.name):
                assert table.get("password", "").strip("*") == ""
    again = judged(Found(found.name, record.clean), replace(WORLD, before=record.wanted))
    assert again is not None
    assert again.wanted == record.wanted
    assert in_force(Found(found.name, record.clean), record)
    half = len(found.content) // 2
    for mixed in (found.content[:half] + record.clean[half:], record.clean[:half] + found.content[half:]):
        assert in_force(Found(found.name, mixed), record)
    assert not in_force(Found(found.name, found.content + b"#"), record)


@st.composite
def deep(draw: st.DrawFn) -> bytes:
    """Tables and lists inside one another, more of them than anybody means."""
    name = draw(st.sampled_from(["other", "wifi", "user.password", "wlan.ssid", "hid.keymap"]))
    many = draw(st.integers(0, 60) | st.sampled_from([1200, 8000]))
    forms = (f"{name}{'.a' * many} = 1", f"[{name}{'.a' * many}]", f"{name} = {'[' * many}{']' * many}",
             f"{name} = {'{a = ' * many}1{'}' * many}")  # fmt: skip
    return f"config_version = '1'\n{draw(st.sampled_from(forms))}\n".encode()


@st.composite
def large(draw: st.DrawFn) -> bytes:
    """At the limit of what is read, and beyond."""
    content = draw(files()).content
    return content + b"#" * (draw(st.sampled_from([-1, 0, 1, 1 << 20])) + MOST - len(content))


KINDS = {"link": "is a link", "folder": "is a folder or a device", "pipe": "is a folder or a device"}
lying = st.sampled_from([*KINDS]) | deep() | deep() | large() | files().map(lambda found: found.content)
"""What may lie on the card under a file's name."""


@settings(max_examples=100 * EFFORT)
@given(st.dictionaries(st.sampled_from([*FORMATS * 4, *NOT_UNDERSTOOD]), lying, min_size=1, max_size=3))
def test_every_card_gives_a_device_with_a_name_and_words_for_what_is_wrong(card: dict[str, str | bytes]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch("app.firstrun.run._hashed", lambda _, *user: hashed(*user)),
    ):
        device = Device(Path(folder))
        for name, content in card.items():
            path = device.boot / name
            if isinstance(content, bytes):
                path.write_bytes(content)
            elif content == "link":
                path.symlink_to("/etc/passwd")
            elif content == "folder":
                path.mkdir()
            else:
                os.mkfifo(path)
        told = device.start()
        event("refused" if told.refusal else "applied" if told.file else "nothing to apply")
        assert identity.is_hostname(device.names[-1])
        assert (device.runtime / "localtime").is_symlink()
        assert device.troubles == []
        first = next((card[name] for name in FORMATS if name in card), b"")
        if isinstance(first, str) or len(first) > MOST:
            why = KINDS[first] if isinstance(first, str) else f"has {len(first)} bytes"
            assert told.refusal.startswith(f"{told.file} {why}, expected ")
        if told.refusal:
            proper(told.file, told.refusal)
            assert device.lasting() == {}
            assert device.now() == {"passwd": PASSWD}
        assert device.start() == told
