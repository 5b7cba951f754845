"""What is asked of the last build is asked of this checkout's alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.image import built


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build of commit aaa, and a checkout of it."""
    monkeypatch.setattr(built, "DIST", tmp_path)
    monkeypatch.setattr(built, "state", lambda: "aaa")
    (tmp_path / "inkvm-debian.manifest.json").write_text(json.dumps({"commit": "aaa"}))
    (tmp_path / "inkvm-debian.files").touch()
    return tmp_path


def test_a_record_of_this_checkout(dist: Path) -> None:
    assert built.built("files") == dist / "inkvm-debian.files"


@pytest.mark.parametrize("state", ["bbb", ""])
def test_none_of_another_commit_or_of_changes_besides(dist: Path, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built, "state", lambda: state)
    with pytest.raises(pytest.skip.Exception, match="is of aaa, not of these sources"):
        built.built("files")


def test_none_at_all(dist: Path) -> None:
    with pytest.raises(pytest.skip.Exception, match=r"tools is missing: make image"):
        built.built("tools")
