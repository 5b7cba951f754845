"""What `make bench` keeps of what is measured."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.bench import NOTHING
from tests.bench import __main__ as bench


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What an earlier run left."""
    monkeypatch.setattr(bench, "KEPT", tmp_path)
    path = tmp_path / "paste.md"
    path.write_text("earlier\n")
    return path


def taken(status: int) -> int:
    return bench.take("paste", [sys.executable, "-c", f"print('3 ms'); raise SystemExit({status})"])


def test_what_was_measured_is_kept_with_its_commit(kept: Path) -> None:
    assert taken(0) == 0
    words, commit = kept.read_text().split("\n\n")
    assert words == "3 ms"
    assert commit.startswith("Taken at commit ")


def test_what_could_not_be_measured_leaves_the_record_alone(kept: Path) -> None:
    assert taken(NOTHING) == 0
    assert kept.read_text() == "earlier\n"


def test_what_failed_leaves_the_record_alone_and_is_said(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert taken(1) == 1
    assert kept.read_text() == "earlier\n"
    assert "3 ms" in capsys.readouterr().out


def test_every_bench_is_there() -> None:
    assert [name for name in bench.BENCHES if not Path(bench.__file__).with_name(f"{name}.py").exists()] == []
