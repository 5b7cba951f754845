from __future__ import annotations

import os
from pathlib import Path

import pytest

from app import durable


def test_content_and_mode_are_as_asked(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    durable.replace(path, b"one")
    durable.replace(path, b"two", 0o640)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["secret"]


def test_a_failed_write_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    durable.replace(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable.replace(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_what_an_earlier_cut_left_behind_does_not_hinder(tmp_path: Path) -> None:
    (tmp_path / ".file.new").write_bytes(b"half")
    durable.replace(tmp_path / "file", b"whole")
    assert (tmp_path / "file").read_bytes() == b"whole"
