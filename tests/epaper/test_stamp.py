"""The "as of" of a page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from epaper.stamp import LONGEST, stamp


def test_date_and_time_when_the_clock_is_set():
    assert stamp(datetime(2026, 11, 20, 9, 3, tzinfo=UTC), 7, 3) == "as of 20 Nov 26 09:03Z"
    vienna = timezone(timedelta(hours=2), "CEST")
    assert stamp(datetime(2026, 7, 1, 23, 59, tzinfo=vienna), 7, 3) == "as of 1 Jul 26 23:59"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "as of boot + 0 min"),
        (180.9, "as of boot + 3 min"),
        (3599, "as of boot + 59 min"),
        (3600 * 23 + 60 * 59, "as of boot + 23:59 h"),
        (86400 * 99 + 3600 * 4, "as of boot + 99 d 4 h"),
        (86400 * 365, "as of boot + 365 d"),
    ],
)
def test_time_since_boot_until_then(seconds, words):
    assert stamp(None, seconds, None) == words


@pytest.mark.parametrize(
    ("boots", "days", "words"),
    [
        (17, 0, "boot 17 + 0 min"),
        (17, 3, "boot 17 + 3 d 0 h"),
        (12345, 99.99, "boot 12345 + 99 d 23 h"),
        (99999, 1000, "boot 99999 + 1000 d"),
    ],
)
def test_the_start_has_its_number_when_starts_are_counted(boots, days, words):
    assert stamp(None, days * 86400, boots) == words
    assert len(words) <= LONGEST
