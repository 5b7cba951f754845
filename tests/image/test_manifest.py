"""What a build says of itself: whether it is locked, and what Raspberry Pi Imager is told."""

from __future__ import annotations

import dataclasses
import hashlib
import json

from image.records.lock import Lock, differences
from image.records.manifest import Build, File, catalogue, manifest
from tests.image.built import DIST, built

BUILD = Build(
    base="raspberrypi",
    version="1.2",
    commit="f" * 40,
    epoch=1_754_697_600,
    image=File("inkvm-raspberrypi.img.zst", 120, "a" * 64),
    card=File("inkvm-raspberrypi.img", 2048, "b" * 64),
    records=[File("inkvm-raspberrypi.files", 9, "c" * 64)],
    lock=Lock("20260101T000000Z", frozenset()),
    differences=[],
)


def test_locked_is_said_only_of_the_lock() -> None:
    said = json.loads(manifest(BUILD))
    assert (said["packages"], said["snapshot"], said["differences"]) == ("locked", "20260101T000000Z", [])
    moved = json.loads(manifest(dataclasses.replace(BUILD, differences=["bash 5.2 is gone"])))
    assert (moved["packages"], moved["differences"]) == ("unlocked", ["bash 5.2 is gone"])
    none = dataclasses.replace(BUILD, lock=None, differences=differences(None, []))
    assert json.loads(manifest(none))["packages"] == "unlocked"


def test_manifest_says_what_was_built_from_what() -> None:
    said = json.loads(manifest(BUILD))
    assert (said["commit"], said["time"]) == ("f" * 40, "2025-08-09T00:00:00Z")
    assert said["image"] == {"name": "inkvm-raspberrypi.img.zst", "size": 120, "sha256": "a" * 64}
    assert said["card"]["sha256"] == "b" * 64
    assert said["records"][0]["name"] == "inkvm-raspberrypi.files"


def test_imager_is_told_where_the_image_is_and_what_to_expect() -> None:
    """And its schema takes the whole of it: test_imager.py."""
    (entry,) = json.loads(catalogue(BUILD, "https://localhost/release"))["os_list"]
    assert entry["url"] == "https://localhost/release/inkvm-raspberrypi.img.zst"
    assert (entry["extract_size"], entry["extract_sha256"]) == (2048, "b" * 64)
    assert (entry["image_download_size"], entry["image_download_sha256"]) == (120, "a" * 64)
    assert entry["release_date"] == "2025-08-09"


def test_the_image_for_qemu_says_so_in_the_list() -> None:
    (entry,) = json.loads(catalogue(dataclasses.replace(BUILD, base="debian"), "file:///dist"))["os_list"]
    assert entry["name"] == "inkvm (debian)"
    assert "QEMU" in entry["description"]


def test_the_last_build_is_what_its_manifest_says() -> None:
    said = json.loads(built("manifest.json").read_text())
    for file in [said["image"], *said["records"]]:
        with (DIST / file["name"]).open("rb") as stream:
            assert hashlib.file_digest(stream, "sha256").hexdigest() == file["sha256"], file["name"]
    assert said["image"]["sha256"] == (DIST / "inkvm-debian.img.zst.sha256").read_text().split()[0]
    listed = json.loads(built("os_list.json").read_text())
    assert listed["os_list"][0]["extract_sha256"] == said["card"]["sha256"]
