"""Raspberry Pi Imager: its list takes our entry, and what it writes for our entry's `init_format` the device understands.

`imager/os-list-schema.json` is doc/json-schema/os-list-schema.json of raspberrypi/rpi-imager at 72ad1179, Copyright 2020
Raspberry Pi Ltd, under the Apache License 2.0 beside it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from app.firstrun import formats
from image.records.manifest import catalogue
from tests.app.firstrun.bench import KEY, WORLD
from tests.image.built import built
from tests.image.test_manifest import BUILD

SCHEMA = json.loads((Path(__file__).parent / "imager/os-list-schema.json").read_text())
ENTRY = SCHEMA["properties"]["os_list"]["items"]["anyOf"][0]
"""The form of an entry that is an image; the others are lists of entries."""
WRITTEN = """config_version = "1.0"

[system]
hostname = "kvm-rack3"

[user]
name = "ann"
password = "$y$j9T$saltsaltsaltsaltsalts$hashhashhashhashhashhashhashhashhashhashhas"
password_encrypted = true
groups = ["sudo"]

[ssh]
enabled = true
password_authentication = false
authorized_keys = [
  "KEY",
]

[wlan]
ssid = "a \\"quoted\\" name"
password = "PSK"
password_encrypted = true
hidden = false
country = "DE"

[locale]
keymap = "de"
timezone = "Europe/Berlin"

[interfaces]
spi = true
"""
"""As `generateRpiPreseedToml` in its src/customization_generator.cpp writes it, at the same commit."""


def refusals(text: str) -> list[str]:
    """What the schema has against a list, and against each entry as an image's."""
    parsed: dict[str, Any] = json.loads(text)
    found = [*Draft7Validator(SCHEMA).iter_errors(parsed)]
    found += [error for entry in parsed["os_list"] for error in Draft7Validator(ENTRY).iter_errors(entry)]
    return [error.message for error in found]


def test_its_schema_takes_our_entry() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert refusals(catalogue(BUILD, "https://localhost/release")) == []


@pytest.mark.parametrize(
    ("key", "value"), [("devices", None), ("icon", None), ("extract_sha256", None), ("extract_size", "2048")]
)
def test_and_no_entry_that_lacks_something(key: str, value: object) -> None:
    parsed = json.loads(catalogue(BUILD, "https://localhost/release"))
    (entry,) = parsed["os_list"]
    del entry[key]
    if value is not None:
        entry[key] = value
    assert refusals(json.dumps(parsed)) != []


def test_the_last_build_s_entry_is_taken() -> None:
    assert refusals(built("os_list.json").read_text()) == []


def test_the_device_understands_the_file_that_our_entry_asks_for() -> None:
    (entry,) = json.loads(catalogue(BUILD, "https://localhost/release"))["os_list"]
    text = WRITTEN.replace("KEY", KEY).replace("PSK", "0123456789abcdef" * 4)
    found = formats.read(f"{entry['init_format']}.toml", text.encode(), WORLD)
    assert (found.wanted.hostname, found.wanted.timezone, found.wanted.country) == ("kvm-rack3", "Europe/Berlin", "DE")
    assert found.wanted.keys == (KEY,)
    assert [wifi.ssid for wifi in found.wanted.wifi] == [b'a "quoted" name']
    assert found.wanted.user is not None
    assert found.wanted.user.name == "ann"
