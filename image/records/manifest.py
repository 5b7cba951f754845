"""What a build says of itself when it is done: the manifest, and the entry for Raspberry Pi Imager. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from image.records.lock import Lock

DESCRIPTIONS = {
    "raspberrypi": "The screen and keyboard of another computer in your browser, from its firmware on",
    "debian": "For QEMU alone: it has no video driver for a board",
}


@dataclass(frozen=True)
class File:
    """A file that was built; `size` in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Build:
    """What was built from what. `image` is the compressed card, `card` what it unpacks to, `records` what describes it.

    `epoch` is the commit's time in seconds; `lock` is None where a base has none yet; `differences` says how the
    packages differ from it, and is empty when they do not.
    """

    base: str
    version: str
    commit: str
    epoch: int
    image: File
    card: File
    records: Sequence[File]
    lock: Lock | None
    differences: Sequence[str]


def manifest(build: Build) -> str:
    """The manifest's text, in JSON."""
    contents = {
        "name": f"inkvm-{build.base}",
        "version": build.version,
        "commit": build.commit,
        "time": _time(build.epoch).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "packages": "unlocked" if build.differences else "locked",
        "snapshot": build.lock.snapshot if build.lock else None,
        "differences": list(build.differences),
        "image": vars(build.image),
        "card": vars(build.card),
        "records": [vars(record) for record in build.records],
    }
    return json.dumps(contents, indent=1) + "\n"


def catalogue(build: Build, release_url: str) -> str:
    """Raspberry Pi Imager's list of operating systems with this image alone, for its option `--repo`.

    `release_url` is the folder that the image and the icon are published in. Source of the fields: Imager's
    doc/json-schema/os-list-schema.json and doc/os_customisation_formats.md, version 2.
    """
    entry = {
        "name": "inkvm" if build.base == "raspberrypi" else f"inkvm ({build.base})",
        "description": DESCRIPTIONS[build.base],
        "icon": f"{release_url}/inkvm.svg",
        "url": f"{release_url}/{build.image.name}",
        "extract_size": build.card.size,
        "extract_sha256": build.card.sha256,
        "image_download_size": build.image.size,
        "image_download_sha256": build.image.sha256,
        "release_date": _time(build.epoch).strftime("%Y-%m-%d"),
        "devices": ["pi3-64bit"],
        "init_format": "rpi-preseed",  # one file on the first partition and nothing else: app.firstrun reads it
        "architecture": "armv8",
    }
    return json.dumps({"os_list": [entry]}, indent=1) + "\n"


def _time(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
