from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.stream.pacer import BOUND, FIRST_WINDOW, IN_FLIGHT, MEMORY, Pacer

MS = 1000


def known(round_trip: int = 20 * MS, rate: int = 1_000_000) -> Pacer:
    """A pacer that has seen one frame go and come."""
    pacer = Pacer()
    pacer.started(0, 0, rate * round_trip // 1_000_000)
    assert pacer.acknowledged(round_trip, 0)
    assert (pacer.round_trip, pacer.rate) == (round_trip, rate)
    return pacer


def test_one_frame_may_always_be_in_flight_and_the_rest_is_bounded() -> None:
    pacer = Pacer()
    assert pacer.may_start(0, 10**9)
    pacer.started(0, 1, 10**9)
    assert pacer.may_start(0, FIRST_WINDOW)
    assert not pacer.may_start(0, FIRST_WINDOW + 1)
    pacer.started(0, 2, FIRST_WINDOW)
    assert not pacer.may_start(0, 1)


def test_unacknowledged_bytes_are_what_the_link_carries_within_the_bound_and_its_own_delay() -> None:
    pacer = known()
    assert pacer.window == 1_000_000 * (20 * MS + BOUND) // 1_000_000
    pacer.started(30 * MS, 1, 1)
    assert pacer.may_start(30 * MS, pacer.window)
    assert not pacer.may_start(30 * MS, pacer.window + 1)


def test_nothing_more_starts_behind_a_frame_that_is_overdue() -> None:
    pacer = known()
    pacer.started(0, 1, 1)
    assert pacer.may_start(20 * MS + BOUND, 1)
    assert not pacer.may_start(20 * MS + BOUND + 1, 1)


def test_the_number_of_frames_in_flight_is_bounded() -> None:
    pacer = known()
    for number in range(IN_FLIGHT):
        pacer.started(0, number, 0)
    assert not pacer.may_start(0, 0)


def test_an_acknowledgement_stands_for_what_started_before_it() -> None:
    pacer = Pacer()
    for number in range(5):
        pacer.started(number, number, 100)
    assert pacer.acknowledged(1000, 3)
    assert (pacer.in_flight, pacer.delivered) == (100, 400)
    assert not pacer.acknowledged(1000, 3)
    assert not pacer.acknowledged(1000, 99)
    assert pacer.in_flight == 100


def test_queueing_is_measured_against_the_shortest_round_trip() -> None:
    pacer = known()
    pacer.started(100 * MS, 1, 100)
    pacer.acknowledged(155 * MS, 1)
    assert pacer.queueing == 35 * MS


def test_the_shortest_round_trip_is_forgotten_in_time() -> None:
    pacer = known()
    for number in range(1, 60):
        at = number * MEMORY // 20
        pacer.started(at, number, 100)
        pacer.acknowledged(at + 90 * MS, number)
    assert pacer.round_trip == 90 * MS


def test_a_high_rate_is_not_believed_after_a_queue() -> None:
    pacer = known(rate=10_000_000)
    pacer.started(0, 1, 10_000)
    pacer.acknowledged(1_000 * MS, 1)
    assert pacer.rate == 10_000


def test_a_large_frame_shows_what_the_link_carries_beyond_its_delay() -> None:
    pacer = known(round_trip=600 * MS, rate=1000)
    pacer.started(0, 1, 60_600)
    pacer.acknowledged(800 * MS, 1)
    assert pacer.rate == 60_000 * 1000 // 200


def test_forgetting_leaves_nothing_in_flight() -> None:
    pacer = Pacer()
    pacer.started(0, 1, 10**9)
    pacer.forget()
    assert pacer.in_flight == 0
    assert not pacer.acknowledged(1, 1)
    assert pacer.may_start(1, 10**9)


@given(st.lists(st.tuples(st.sampled_from(["start", "ack", "forget"]), st.integers(0, 40), st.integers(0, 10**6))))
def test_hostile_acknowledgements_break_no_bound(steps: list[tuple[str, int, int]]) -> None:
    pacer, now, in_flight = Pacer(), 0, 0
    for what, sequence, number in steps:
        now += number
        if what == "start" and pacer.may_start(now, number):
            pacer.started(now, sequence, number)
        elif what == "ack":
            pacer.acknowledged(now, sequence)
        elif what == "forget":
            pacer.forget()
        in_flight = sum(flight.size for flight in pacer._flights)
        assert pacer.in_flight == in_flight >= 0
        assert len(pacer._flights) <= IN_FLIGHT
        assert pacer.queueing >= 0
        assert pacer.rate is None or pacer.rate >= 0
