"""Guessing gets slow; the owner does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.errors import TooManyTries
from app.auth.limiter import (
    FREE,
    FREE_TOGETHER,
    HELD,
    KNOWN,
    LONGEST,
    LONGEST_TOGETHER,
    TRACKED,
    Limiter,
    located,
)


class Bench:
    def __init__(self) -> None:
        self.now = 1000.0
        self.limiter = Limiter(lambda: self.now)

    def guess(self, times: int, account: str = "ann", address: str = "10.0.0.66") -> int:
        """How many of so many wrong guesses in a row, without waiting, are looked at."""
        looked = 0
        for _ in range(times):
            try:
                self.limiter.attempt(account, address)
            except TooManyTries:
                continue
            looked += 1
        return looked


def test_a_few_mistakes_cost_nothing_and_the_thousandth_guess_is_not_looked_at() -> None:
    bench = Bench()
    assert bench.guess(1000) == FREE
    with pytest.raises(TooManyTries) as caught:
        bench.limiter.attempt("ann", "10.0.0.66")
    assert caught.value.wait == 1


def test_the_delay_doubles_up_to_a_quarter_of_an_hour() -> None:
    bench = Bench()
    bench.guess(FREE)
    waits = []
    for _ in range(15):
        with pytest.raises(TooManyTries) as caught:
            bench.limiter.attempt("ann", "10.0.0.66")
        waits.append(caught.value.wait)
        bench.now += caught.value.wait
        bench.limiter.attempt("ann", "10.0.0.66")
    assert waits == [min(2**step, LONGEST) for step in range(15)]


def test_guesses_per_day_from_one_address_are_few() -> None:
    bench = Bench()
    end, looked = bench.now + 24 * 3600, 0
    while bench.now < end:
        try:
            bench.limiter.attempt("ann", "10.0.0.66")
            looked += 1
        except TooManyTries as error:
            bench.now += error.wait
    assert looked < 120


def test_another_account_from_the_same_address_does_not_help() -> None:
    bench = Bench()
    bench.guess(FREE)
    assert bench.guess(50, account="bob") == 0
    assert sum(bench.guess(1, account=f"user{number}") for number in range(50)) == 0


def test_the_owner_gets_in_from_elsewhere_whatever_others_do() -> None:
    """A thousand addresses guess all the time: the owner's own first try is held for seconds, and looked at."""
    bench = Bench()
    for number in range(1000):
        bench.guess(FREE + 3, address=f"10.0.{number // 250}.{number % 250}")
    held = bench.limiter.attempt("ann", "192.168.1.10")
    assert 0 < held <= HELD
    bench.limiter.succeeded("ann", "192.168.1.10")
    assert bench.limiter.attempt("ann", "192.168.1.10") == 0.0


def test_success_forgives_the_address_for_that_account_alone() -> None:
    bench = Bench()
    bench.guess(3, account="admin")
    bench.guess(2, account="eve")
    bench.now += 1
    bench.limiter.attempt("eve", "10.0.0.66")
    bench.limiter.succeeded("eve", "10.0.0.66")
    assert bench.guess(10, account="admin") == FREE - 3


def test_an_insider_cannot_clear_the_way_by_logging_in_between() -> None:
    bench = Bench()
    looked = 0
    for _ in range(200):
        looked += bench.guess(1, account="admin")
        try:
            bench.limiter.attempt("eve", "10.0.0.66")
        except TooManyTries:
            continue
        bench.limiter.succeeded("eve", "10.0.0.66")
    assert looked <= FREE


def test_it_is_forgotten_after_an_hour() -> None:
    bench = Bench()
    bench.guess(FREE)
    bench.now += 3601
    assert bench.guess(FREE) == FREE


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.168.1.5", ("192.168.1.5", "192.168.1.5")), ("::ffff:192.168.1.5", ("192.168.1.5", "192.168.1.5")),
        ("fe80::1%wlan0", ("fe80::1", "fe80::/64")), ("2001:DB8:1:2:3:4:5:6", ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")),
        ("", ("", "")),
    ],
)  # fmt: skip
def test_an_address_is_known_however_it_is_written_and_with_its_network(address: str, counted: tuple[str, str]) -> None:
    assert located(address) == counted


def test_a_neighbour_with_many_addresses_has_few_guesses() -> None:
    """A fresh one of the /64 for each, as fast as they are looked at."""
    bench = Bench()
    end, looked, longest = bench.now + 4 * 3600, 0, 0.0
    while bench.now < end and looked < 10_000:
        try:
            bench.limiter.attempt("ann", f"fd00:1::{looked:x}")
            looked += 1
        except TooManyTries as error:
            longest = max(longest, error.wait)
            bench.now += error.wait
    assert longest <= LONGEST_TOGETHER
    assert looked < FREE_TOGETHER + 4 * 3600 / LONGEST_TOGETHER + 10


def under_attack(owner: str) -> Bench:
    """Somebody who has a /64 to itself guesses for an hour; ann came from that address before, and bob from the same machine."""
    bench = Bench()
    for account in ("ann", "bob"):
        bench.limiter.attempt(account, owner)
        bench.limiter.succeeded(account, owner)
    end, number = bench.now + 3600, 0
    while bench.now < end:
        number += 1
        try:
            bench.limiter.attempt(("ann", "bob", "eve")[number % 3], f"fd00:1::bad:{number % 4096:x}")
        except TooManyTries:
            bench.now += 1
    return bench


@pytest.mark.parametrize("owner", ["fd00:1::10", "fd00:1:0:0:ffff::1", "192.168.1.10", "fd00:2::10"])
def test_who_came_from_there_before_is_never_refused_or_held_for_others(owner: str) -> None:
    bench = under_attack(owner)
    for _ in range(FREE):
        assert bench.limiter.attempt("ann", owner) == 0
    with pytest.raises(TooManyTries):
        bench.limiter.attempt("ann", owner)
    assert bench.limiter.attempt("bob", owner) == 0, "what ann mistypes there costs bob nothing"


@pytest.mark.parametrize("newcomer", ["192.168.1.11", "fd00:2::11", "fe80::11"])
def test_who_is_new_is_held_but_looked_at_from_any_other_network(newcomer: str) -> None:
    assert 0 < under_attack("fd00:1::10").limiter.attempt("ann", newcomer) <= HELD


def test_who_is_new_in_the_network_of_a_guesser_waits_for_seconds() -> None:
    bench = under_attack("fd00:1::10")
    bench.limiter.attempt("eve", "fd00:1::bad")  # whose turn it was
    with pytest.raises(TooManyTries) as caught:
        bench.limiter.attempt("ann", "fd00:1::11")
    bench.now += caught.value.wait
    assert caught.value.wait <= LONGEST_TOGETHER
    assert bench.limiter.attempt("ann", "fd00:1::11") <= HELD


def test_a_try_that_nobody_looked_at_did_not_fail() -> None:
    bench = Bench()
    for _ in range(10 * FREE_TOGETHER):
        assert bench.limiter.attempt("ann", "fd00:1::10") == 0
        bench.limiter.withdraw("ann", "fd00:1::10")


def test_an_account_is_known_where_it_was_last() -> None:
    bench = Bench()
    for number in (*range(KNOWN), 0, KNOWN):
        bench.limiter.succeeded("ann", f"10.0.0.{number}")
    assert [number for number in range(KNOWN + 1) if not bench.limiter.knows("ann", f"10.0.0.{number}")] == [1]
    assert not bench.limiter.knows("bob", "10.0.0.0")


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 5000), st.booleans()), max_size=50))
def test_memory_is_bounded_and_nothing_breaks(tries: list[tuple[str, int, bool]]) -> None:
    bench = Bench()
    for account, number, right in tries:
        address = f"10.{number % 7}.{number // 250 % 250}.{number % 250}"
        try:
            assert 0 <= bench.limiter.attempt(account, address) <= HELD
        except TooManyTries:
            continue
        if right:
            bench.limiter.succeeded(account, address)
    assert len(bench.limiter._failures) <= TRACKED


def test_a_flood_of_addresses_is_forgotten_oldest_first() -> None:
    bench = Bench()
    for number in range(TRACKED + 100):
        bench.guess(1, address=f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(bench.limiter._failures) == TRACKED
