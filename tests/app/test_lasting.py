"""What the owner is told about the card: the start's word first, then the file system's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.lasting import Lasting
from app.status import Device, Health

HEALTHY = os.statvfs_result((4096, 4096, 100_000, 50_000, 50_000, 10, 10, 10, 0, 255))


def found(monkeypatch: pytest.MonkeyPatch, **changed: int) -> None:
    """What the kernel says of every file system."""
    names = ("f_bsize", "f_frsize", "f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree", "f_favail", "f_flag")
    values = [changed.get(name, getattr(HEALTHY, name)) for name in names]
    monkeypatch.setattr(os, "statvfs", lambda _path: os.statvfs_result((*values, 255)))


def test_nothing_is_said_of_a_card_that_works(tmp_path: Path) -> None:
    assert Lasting(tmp_path, tmp_path / "reason").fault() == ""


def test_what_the_start_found_is_said(tmp_path: Path) -> None:
    (tmp_path / "reason").write_text("card's data cannot be read, settings are lost\n")
    assert Lasting(tmp_path, tmp_path / "reason").fault() == "card's data cannot be read, settings are lost"


@pytest.mark.parametrize(("name", "value", "words"), [
    ("f_flag", os.ST_RDONLY | os.ST_NOSUID, "card takes no more writes, changes are lost"),
    ("f_flag", os.ST_NOSUID, ""),
    ("f_bavail", 255, "card is full, changes are lost"),
    ("f_bavail", 256, ""),
])  # fmt: skip
def test_what_the_file_system_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: int, words: str
) -> None:
    found(monkeypatch, **{name: value})
    assert Lasting(tmp_path, tmp_path / "reason").fault() == words


def test_a_card_that_is_gone_is_said(tmp_path: Path) -> None:
    words = Lasting(tmp_path / "gone", tmp_path / "reason").fault()
    assert words == "card fails, changes are lost: No such file or directory"


def test_it_comes_and_goes_among_the_faults_of_others(tmp_path: Path) -> None:
    reason = tmp_path / "reason"
    lasting = Lasting(tmp_path, reason)
    health = Health("1", ("hid: gone",), 40.0)
    reason.write_text("broken")
    broken = lasting.judged(health)
    assert broken == Health("1", ("broken", "hid: gone"), 40.0, loss="broken")
    assert lasting.judged(broken) == broken
    reason.unlink()
    assert lasting.judged(broken) == health


async def test_it_is_published(tmp_path: Path) -> None:
    (tmp_path / "reason").write_text("broken")
    published: list[Health] = []
    following = Lasting(tmp_path, tmp_path / "reason").follow(Device, published.append)
    following.send(None)
    following.close()
    assert published == [Health(faults=("broken",), loss="broken")]
