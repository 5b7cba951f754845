"""Starts and refreshes, over reboots, power cuts and unusable files."""

from __future__ import annotations

import json

import pytest

from epaper.ledger import SAVE_EVERY, Counts, Ledger


@pytest.fixture
def log():
    return []


def test_each_start_counts_once(tmp_path, log):
    path = tmp_path / "counts.json"
    assert [start(path, boot, log).boots for boot in ("a", "a", "b", "a")] == [1, 1, 2, 3]
    assert log == []


def start(path, boot, log, **how):
    ledger = Ledger(path, boot, log.append, **how)
    ledger.save()
    return ledger


def test_nothing_waits_for_the_card_before_somebody_saves(tmp_path, log):
    ledger = Ledger(tmp_path / "counts.json", "a", log.append)
    assert ledger.boots == 1
    assert list(tmp_path.iterdir()) == []


def test_in_place_of_a_card_that_refuses_nobody_knows_how_many_starts_there_were(tmp_path, log):
    ledger = start(tmp_path / "counts.json", "a", log, lasts=False)
    ledger.drew("full")
    ledger.save()
    assert (ledger.boots, ledger.counts.flashing, log) == (None, 1, [])


def test_refreshes_are_kept_over_a_stop(tmp_path, log):
    ledger = Ledger(tmp_path / "counts.json", "a", log.append)
    for action in ("full", "fast", "partial"):
        ledger.drew(action)
    ledger.save()
    assert Ledger(tmp_path / "counts.json", "b", log.append).counts == Counts("b", 2, 2, 1)


def test_a_power_cut_costs_few(tmp_path, log):
    ledger = Ledger(tmp_path / "counts.json", "a", log.append)
    for _ in range(SAVE_EVERY + SAVE_EVERY - 1):
        ledger.drew("partial")
    assert Ledger(tmp_path / "counts.json", "a", log.append).counts.partial == SAVE_EVERY


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"\xff", b'{"boots": 3}', b'{"boot": "a", "boots": true, "flashing": 0, "partial": 0}',
     b'{"boot": "a", "boots": "3", "flashing": 0, "partial": 0}'],
)  # fmt: skip
def test_a_file_that_makes_no_sense_starts_over_and_says_so(tmp_path, log, content):
    path = tmp_path / "counts.json"
    path.write_bytes(content)
    assert start(path, "a", log).counts == Counts("a", 1)
    assert len(log) == 1
    assert log[0].startswith(f"starts and refreshes are counted from the beginning: {path}: ")
    assert json.loads(path.read_bytes())["boots"] == 1


def test_where_nothing_can_be_kept_starts_are_unknown_and_refreshes_still_count(tmp_path, log):
    ledger = Ledger(tmp_path / "missing" / "counts.json", "a", log.append)
    for _ in range(2 * SAVE_EVERY):
        ledger.drew("full")
    assert (ledger.boots, ledger.counts.flashing) == (None, 2 * SAVE_EVERY)
    expected = f"starts and refreshes are not counted: {tmp_path}/missing/counts.json: No such file or directory"
    assert log == [expected]
    (tmp_path / "missing").mkdir()
    ledger.save()
    assert ledger.boots == 1
