"""The comparison of two builds sees what differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.image.twice import compare

FILE = f"-rw-r--r-- 0:0 2 {'a' * 64} /etc/x\n"


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders with the same in them."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "inkvm-debian.files").write_text(FILE)
        (tmp_path / name / "inkvm-debian.img.zst").write_bytes(b"card")
    return tmp_path / "first", tmp_path / "second"


def test_the_same_is_the_same(builds: tuple[Path, Path]) -> None:
    assert compare(*builds) == []


def test_a_bit_of_the_image_is_seen(builds: tuple[Path, Path]) -> None:
    (builds[1] / "inkvm-debian.img.zst").write_bytes(b"cart")
    assert compare(*builds) == ["inkvm-debian.img.zst differs"]


def test_the_first_files_are_named(builds: tuple[Path, Path]) -> None:
    other = FILE.replace("rw-r--r--", "rw-rw-r--") + "".join(FILE.replace("/x", f"/y{n:02}") for n in range(30))
    (builds[1] / "inkvm-debian.files").write_text(other)
    faults = compare(*builds)
    assert faults[0] == "/etc/x: mode -rw-r--r-- and -rw-rw-r--"
    assert faults[1] == "/etc/y00: only in the second"
    assert faults[20:] == ["and 11 more files", "inkvm-debian.files differs"]


def test_a_missing_record_is_seen(builds: tuple[Path, Path]) -> None:
    (builds[0] / "inkvm-debian.spdx.json").touch()
    assert compare(*builds) == [
        f"{builds[0]} and {builds[1]} do not hold the same files", "inkvm-debian.spdx.json differs",
    ]  # fmt: skip
