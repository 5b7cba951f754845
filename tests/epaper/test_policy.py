"""When the glass is refreshed: single rules, then all of them on random lives."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epaper.policy import (
    BUDGET,
    COSMETIC_INTERVAL,
    DAILY,
    FULL_INTERVAL,
    GAP,
    LINGER,
    LIVE_INTERVAL,
    PARTIALS,
    REFILL,
    RETRY_FIRST,
    RETRY_MOST,
    Policy,
)
from tests.conftest import EFFORT

DURATION = {"full": 2.1, "fast": 1.6, "partial": 0.9, "sleep": 0.1}
"""Of the slowest version."""


@dataclass(frozen=True)
class Words:
    """A page: its headline, and the rest."""

    headline: int
    rest: int = 0
    live: bool = True


@dataclass
class Life:
    """A policy and its panel on a clock of its own."""

    policy: Policy
    now: float = 0.0
    page: Words = Words(0)

    def __post_init__(self) -> None:
        self.log: list[tuple[float, str, Words]] = []

    def until(self, end: float) -> None:
        """Obey the policy until `end`, nothing else happening."""
        while True:
            when, action = self.policy.due(self.page)
            if max(when, self.now) >= end:
                self.now = max(self.now, end)
                return
            begun, shown = max(when, self.now), self.page
            self.now = begun + DURATION[action]
            self.log.append((begun, action, shown))
            if action == "sleep":
                self.policy.slept()
            else:
                self.policy.drew(shown, action, self.now)

    def actions(self) -> list[str]:
        return [action for _, action, _ in self.log]


@pytest.fixture
def life() -> Life:
    """After the first picture."""
    life = Life(Policy())
    life.until(300.0)
    assert life.log == [(0.0, "full", Words(0)), (DURATION["full"] + LINGER, "sleep", Words(0))]
    life.log.clear()
    return life


def test_important_change_is_drawn_at_once(life):
    life.page = Words(1)
    life.until(301)
    assert life.log == [(300.0, "partial", Words(1))]


def test_cosmetic_change_is_drawn_when_the_last_picture_is_a_minute_old(life):
    life.page = Words(1)
    life.until(310)
    life.page = Words(1, rest=1)
    life.until(400)
    assert life.log[1:] == [
        (pytest.approx(300.9 + LINGER), "sleep", Words(1, rest=1)),
        (pytest.approx(300.9 + COSMETIC_INTERVAL), "partial", Words(1, rest=1)),
        (pytest.approx(301.8 + COSMETIC_INTERVAL + LINGER), "sleep", Words(1, rest=1)),
    ]


def test_change_that_is_taken_back_is_not_drawn(life):
    life.page = Words(1)
    life.until(301)
    life.page = Words(1, rest=1)
    life.until(330)
    life.page = Words(1)
    life.until(1000)
    assert life.actions() == ["partial", "sleep"]


def test_sixth_refresh_flashes_shortly_for_those_who_wait(life):
    for number in range(1, PARTIALS + 2):
        life.page = Words(number)
        life.until(life.now + 5)
    assert life.actions() == ["partial"] * PARTIALS + ["fast"]


def test_ghosts_are_cleared_once_it_is_quiet(life):
    for number in range(1, PARTIALS + 1):
        life.page = Words(number)
        life.until(life.now + 5)
    quiet = life.now
    life.until(quiet + COSMETIC_INTERVAL + 1)
    assert life.actions() == ["partial"] * PARTIALS + ["sleep", "full"]
    life.until(quiet + LIVE_INTERVAL)
    assert life.actions()[-1] == "sleep"


def test_full_refresh_that_nobody_waits_for_keeps_its_distance(life):
    for number in range(1, PARTIALS + 2):
        life.page = Words(number)
        life.until(life.now + 3)
    assert life.actions()[-1] == "fast"
    flashed_at = life.now
    for number in range(1, PARTIALS + 1):
        life.page = Words(number)
        life.until(life.now + 3)
    life.log.clear()
    life.page = Words(PARTIALS, rest=1)
    life.until(flashed_at + 1000)
    begun, action, _ = next(entry for entry in life.log if entry[1] != "sleep")
    assert action == "full"
    assert flashed_at + FULL_INTERVAL - 5 <= begun <= flashed_at + FULL_INTERVAL


def test_a_change_that_comes_and_goes_for_a_day_is_drawn_at_once_for_a_while_and_then_once_a_minute(life):
    begun = life.now
    while life.now < begun + DAILY:
        life.page = Words(1 - life.page.headline)
        life.until(life.now + 5)
    drawn = [at - begun for at, action, _ in life.log if action != "sleep"]
    assert drawn[BUDGET - 1] < BUDGET * 5
    assert len(drawn) == pytest.approx(BUDGET + DAILY / REFILL, abs=BUDGET)
    # Once it stays as it is, it is on the glass within a minute.
    life.page = Words(2)
    life.until(life.now + REFILL + DURATION["fast"])
    assert [page for _, action, page in life.log if action != "sleep"][-1] == Words(2)


@pytest.mark.parametrize(("live", "count"), [(True, 3), (False, 0)])
def test_pages_that_claim_to_be_current_are_redrawn_hourly(live, count):
    life = Life(Policy(), page=Words(0, live=live))
    life.until(3 * LIVE_INTERVAL + 60)
    assert life.actions() == ["full", "sleep"] + ["partial", "sleep"] * count


def test_any_page_is_refreshed_fully_once_a_day():
    life = Life(Policy(), page=Words(0, live=False))
    life.until(2 * DAILY + 60)
    assert life.actions() == ["full", "sleep"] * 3


def test_failures_back_off_and_end_with_a_full_picture():
    policy, now, delays = Policy(), 0.0, []
    for _ in range(9):
        policy.failed(now)
        when, action = policy.due(Words(1))
        assert action == "full"
        delays.append(when - now)
        now = when
    assert delays[:3] == [RETRY_FIRST, 2 * RETRY_FIRST, 4 * RETRY_FIRST]
    assert delays[-1] == RETRY_MOST
    policy.drew(Words(1), "full", now)
    policy.failed(now)
    assert policy.due(Words(1)) == (now + RETRY_FIRST, "full")


def important(life: Life, since: float, until: float = float("inf")) -> int:
    """How many refreshes for an important change began in between."""
    refreshes = [entry for entry in life.log if entry[1] != "sleep"]
    return sum(
        since < at <= until and new.headline != old.headline for (_, _, old), (at, _, new) in pairwise(refreshes)
    )


def test_an_attempt_can_be_had_at_once_and_does_not_reset_the_back_off():
    policy = Policy()
    policy.failed(0.0)
    policy.hurry(1.0)
    assert policy.due(Words(1)) == (1.0, "full")
    policy.failed(1.0)
    assert policy.due(Words(1)) == (1.0 + 2 * RETRY_FIRST, "full")


changes = st.lists(
    st.tuples(st.floats(0.0, 2000.0), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60
)  # fmt: skip


@settings(max_examples=200 * EFFORT)
@given(changes)
def test_every_promise_holds_whatever_happens(steps):
    life = Life(Policy())
    for pause, headline, rest in steps:
        arrival = life.now + pause
        life.until(arrival)  # may end later: a change can arrive during a refresh
        shown = [page for _, action, page in life.log if action != "sleep"]
        life.page = Words(headline, rest)
        if shown and life.page.headline != shown[-1].headline and important(life, arrival - BUDGET * REFILL) < BUDGET:
            seen = len(life.log)
            life.until(arrival + 5)
            begun, action, page = next(entry for entry in life.log[seen:] if entry[1] != "sleep")
            assert page == life.page
            assert begun + DURATION[action] <= arrival + 5
    life.until(life.now + LIVE_INTERVAL)
    for at, _, _ in life.log:
        assert important(life, at - BUDGET * REFILL, at) <= 2 * BUDGET

    refreshes = [entry for entry in life.log if entry[1] != "sleep"]
    partials, flashed_at = 0, -FULL_INTERVAL
    for (before_at, before, old), (at, action, new) in pairwise(refreshes):
        ended = before_at + DURATION[before]
        flashed_at = flashed_at if before == "partial" else ended
        partials = partials + 1 if before == "partial" else 0
        assert action != "partial" or partials < PARTIALS
        if new.headline == old.headline:
            assert at >= ended + COSMETIC_INTERVAL
            assert action == "partial" or (action == "full" and at >= flashed_at + FULL_INTERVAL)
        else:
            assert at >= ended + GAP
            assert action == ("fast" if partials == PARTIALS else "partial")
        if new == old and partials < PARTIALS:
            assert at >= ended + LIVE_INTERVAL
        assert at <= ended + LIVE_INTERVAL + FULL_INTERVAL
    assert refreshes[-1][2] == life.page
    for (at, action, _), (next_at, _, _) in pairwise(life.log):
        assert action == "sleep" or next_at <= at + DURATION[action] + LINGER, "left awake"
