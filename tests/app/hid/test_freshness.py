from __future__ import annotations

import pytest

from app.hid.freshness import Freshness
from tests.app.hid.bench import Loop


def test_late_is_later_than_the_fastest() -> None:
    loop = Loop()
    freshness = Freshness(loop.time)
    assert freshness.age(5000.0) == 0.0
    loop.advance(1.0)
    assert freshness.age(5000.9) == pytest.approx(0.1)
    assert freshness.age(5001.2) == pytest.approx(0.0), "faster than any before: that is the new measure"
    loop.advance(1.0)
    assert freshness.age(5001.2) == pytest.approx(1.0)


def test_a_burst_after_a_stall_is_late_from_its_first_message() -> None:
    loop = Loop()
    freshness = Freshness(loop.time)
    for second in range(5):
        freshness.age(second)
        loop.advance(1.0)
    loop.advance(20.0)
    assert [round(freshness.age(5.0 + sent)) for sent in (0, 10, 20)] == [20, 10, 0]


def test_a_stall_at_the_turn_of_the_minute_is_still_seen() -> None:
    loop = Loop()
    freshness = Freshness(loop.time)
    freshness.age(1000.0)
    loop.advance(61.0)
    assert freshness.age(1051.0) == pytest.approx(10.0), "the first of its minute, and late"


def test_clocks_that_drift_apart_do_not_make_everything_late() -> None:
    loop = Loop()
    freshness = Freshness(loop.time)
    oldest = 0.0
    for _ in range(24 * 3600 // 10):
        oldest = max(oldest, freshness.age(loop.now * (1 - 100e-6)))
        loop.advance(10.0)
    assert oldest < 0.02, "100 ppm for a day"
