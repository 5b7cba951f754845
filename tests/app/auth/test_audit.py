"""The log survives what happens to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.auth.audit import MOST, Audit

CLOCK: list[float | None] = [1_800_000_000.0]


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return Audit(tmp_path / "audit.log", lambda: CLOCK[0], lambda: 12.34, ThreadPoolExecutor(1))


def test_an_entry_says_who_what_when_and_from_where(audit: Audit) -> None:
    audit.record("login", "ann", "10.0.0.1")
    audit.record("link issued", "ann", "10.0.0.1", label="x")
    assert audit.entries().result() == [
        {
            "time": 1800000000.0,
            "uptime": 12.3,
            "event": "link issued",
            "user": "ann",
            "address": "10.0.0.1",
            "label": "x",
        },
        {"time": 1800000000.0, "uptime": 12.3, "event": "login", "user": "ann", "address": "10.0.0.1"},
    ]


def test_a_device_that_does_not_know_the_time_says_so(audit: Audit) -> None:
    CLOCK[0] = None
    audit.record("login", "ann")
    CLOCK[0] = 1_800_000_000.0
    assert audit.entries().result()[0]["time"] is None


def test_it_is_its_owners_and_bounded(audit: Audit, tmp_path: Path) -> None:
    for number in range(3000):
        audit.record("login", "ann", "10.0.0.1", number=number, padding="x" * 100)
    entries = audit.entries().result()
    assert [entry["number"] for entry in entries] == list(range(2999, 2999 - len(entries), -1))
    assert len(entries) > 500
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["audit.log", "audit.log.old"]
    assert all(file.stat().st_size <= MOST and file.stat().st_mode & 0o777 == 0o600 for file in files)


@pytest.mark.parametrize("cut", range(0, 120, 7))
def test_a_power_cut_in_the_middle_of_a_line_spoils_that_line_alone(audit: Audit, tmp_path: Path, cut: int) -> None:
    audit.record("first", "ann")
    audit.entries().result()
    whole = (tmp_path / "audit.log").read_bytes()
    audit.record("second", "ann")
    audit.entries().result()
    both = (tmp_path / "audit.log").read_bytes()
    (tmp_path / "audit.log").write_bytes(both[: min(len(whole) + cut, len(both) - 1)])
    audit.record("third", "ann")
    events = [entry["event"] for entry in audit.entries().result()]
    assert events == ["third", "first"]


def test_a_card_that_takes_nothing_is_said_and_locks_nobody_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    audit = Audit(tmp_path / "file" / "audit.log", lambda: 1.0, lambda: 1.0, ThreadPoolExecutor(1))
    audit.record("login", "ann")
    audit._writer.submit(lambda: None).result()
    assert audit.fault == "the audit log cannot be written: File exists"
