"""Which disks are refused, and in which words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from image.flash.disk import Disk, gibibytes, refusal

CARD = Disk(
    path="/dev/sdb", name="sdb", part_of="", size=32 * 10**9, sector=512, removable=True, read_only=False, uses=(),
    model="Generic STORAGE DEVICE",
)  # fmt: skip
IMAGE = 2**31


def test_a_free_card_is_not_refused() -> None:
    assert refusal(CARD, IMAGE) == ""
    assert refusal(replace(CARD, size=IMAGE), IMAGE) == ""


def test_a_fixed_disk_is_not_refused_for_that() -> None:
    """It is asked about instead."""
    assert refusal(replace(CARD, removable=False), IMAGE) == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"part_of": "sda"}, "/dev/sdb is a partition, expected the whole disk: /dev/sda"),
        ({"size": 0}, "/dev/sdb has no medium, expected one of at least 2.0 GiB: is the card in?"),
        ({"size": IMAGE - 512}, "/dev/sdb has 2.0 GiB, expected at least 2.0 GiB"),
        ({"size": 64 * 2**20}, "/dev/sdb has 64 MiB, expected at least 2.0 GiB"),
        ({"read_only": True}, "/dev/sdb is read-only, expected a writable disk: is the card's switch on LOCK?"),
        (
            {"uses": ("sdb1 is mounted on /", "sdb2 is swap space")},
            "/dev/sdb is in use: sdb1 is mounted on /; sdb2 is swap space; expected a disk that nobody uses: unmount it first",
        ),
        ({"sector": 4096}, ""),
        (
            {"sector": 2**32},
            "/dev/sdb has sectors of 4294967296 bytes, expected some that divide the image's 2147483648",
        ),
    ],
)
def test_refused(change: dict[str, object], words: str) -> None:
    assert refusal(replace(CARD, **change), IMAGE) == words


def test_use_outranks_what_might_be_mended() -> None:
    """Nobody is told to flip a switch on the disk that the machine runs from."""
    mounted = replace(CARD, uses=("sdb1 is mounted on /",), read_only=True, size=1)
    assert "is in use" in refusal(mounted, IMAGE)


def test_a_disk_in_one_line() -> None:
    assert str(CARD) == "/dev/sdb: Generic STORAGE DEVICE, 29.8 GiB, removable"
    assert str(replace(CARD, model="", removable=False)) == "/dev/sdb: disk without a name, 29.8 GiB, NOT removable"


@pytest.mark.parametrize(("size", "words"), [(0, "0 MiB"), (2**30 - 2**20, "1023 MiB"), (2**30, "1.0 GiB")])
def test_sizes(size: int, words: str) -> None:
    assert gibibytes(size) == words
