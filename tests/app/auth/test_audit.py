"""The log survives what happens to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.auth.audit import KEPT, MOST, Audit
from app.writer import Writer

CLOCK: list[float | None] = [1_800_000_000.0]
UPTIME = [12.34]


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return Audit(tmp_path / "audit.log", lambda: CLOCK[0], lambda: UPTIME[0], Writer())


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
    (file,) = tmp_path.iterdir()
    assert KEPT / 2 < file.stat().st_size <= MOST
    assert file.stat().st_mode & 0o777 == 0o600


def test_use_is_noted_once_a_minute_for_each_user_and_address(audit: Audit) -> None:
    for _ in range(100):
        for event in ("control taken", "typed"):
            for user, address in (("ann", "10.0.0.1"), ("ann", "10.0.0.2"), ("bob", "10.0.0.1")):
                audit.record(event, user, address, client=UPTIME[0])
        UPTIME[0] += 1
    assert len(audit.entries().result()) == 2 * 3 * 2
    audit.record("login", "ann", "10.0.0.1")
    audit.record("login", "ann", "10.0.0.1")
    assert [entry["event"] for entry in audit.entries().result()[:2]] == ["login", "login"]


def test_what_anybody_can_bring_about_does_not_flush_out_what_was_changed(audit: Audit) -> None:
    audit.record("claimed", "ann", "10.0.0.1")
    for number in range(6000):
        audit.record(("pasted", "login refused")[number % 2], "eve", "10.0.0.66", number=number)
        if number % 100 == 0:
            audit.record("account changed", "ann", "10.0.0.1", number=number)
    entries = audit.entries().result()
    assert entries[-1]["event"] == "claimed"
    assert [entry["number"] for entry in entries if entry["event"] == "account changed"] == list(range(5900, -1, -100))
    passing = [entry["number"] for entry in entries if entry["user"] == "eve"]
    assert passing == list(range(5999, 5999 - len(passing), -1))
    assert len(passing) > 500


ENDLESS = [
    "claim refused", "confirmation refused", "control granted", "control taken", "display replugged", "input reset", "link opened",
    "login", "login refused", "panel asked", "pasted", "pasting stopped", "typed",
]  # fmt: skip
"""What a stranger, or whoever may log in and type, can bring about as often as they like."""
WEIGHTY = [
    "access reset by the card", "account changed", "account made", "account removed", "certificate uploaded", "claimed",
    "one-time codes off", "password changed", "recovery code used", "session ended", "token issued",
]  # fmt: skip


@pytest.mark.parametrize("flood", [["login"], ["login refused"], ENDLESS])
def test_what_comes_endlessly_flushes_out_nothing_but_itself(
    audit: Audit, monkeypatch: pytest.MonkeyPatch, flood: list[str]
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)  # thousands of them
    for number in range(20):
        for event in WEIGHTY:
            audit.record(event, "ann", "10.0.0.1", number=number)
    audit._noted = lambda *_use: False  # type: ignore[method-assign]
    for number in range(4000):
        audit.record(flood[number % len(flood)], "eve", "2001:db8::66", number=number, padding="x" * 64)
    entries = audit.entries().result()
    for event in WEIGHTY:
        assert [entry["number"] for entry in entries if entry["event"] == event] == list(range(19, -1, -1))
    for event in flood:
        kept = [entry["number"] for entry in entries if entry["event"] == event]
        assert len(kept) > 500 / len(flood)
        assert kept == [number for number in range(3999, -1, -1) if flood[number % len(flood)] == event][: len(kept)]


def test_a_full_log_keeps_nothing_but_whole_lines_in_their_order(audit: Audit, tmp_path: Path) -> None:
    audit.record("first", "ann")
    audit.entries().result()
    with (tmp_path / "audit.log").open("ab") as file:
        file.write(b'\n{"event":"torn' + b"x" * MOST)
    audit.record("second", "ann")
    assert [entry["event"] for entry in audit.entries().result()] == ["second", "first"]
    assert (tmp_path / "audit.log").stat().st_size < 1000


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
    audit = Audit(tmp_path / "file" / "audit.log", lambda: 1.0, lambda: 1.0, Writer())
    audit.record("login", "ann")
    audit._writer.submit(lambda: None).result()
    assert audit.fault == "the audit log cannot be written: File exists"
