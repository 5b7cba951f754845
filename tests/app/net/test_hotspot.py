from __future__ import annotations

from dataclasses import replace

import pytest

from app.net.hotspot import Hotspot, Situation

ALONE = Situation(claimed=False, networked=False, known=False, able=True)
LOST = replace(ALONE, known=True)


def test_without_a_network_it_opens_as_soon_as_no_cable_has_answered() -> None:
    policy = Hotspot(0.0)
    assert policy.step(ALONE, 9.9) == "stay"
    assert policy.step(ALONE, 10.0) == "open"


def test_a_known_network_has_two_minutes() -> None:
    policy = Hotspot(0.0)
    assert policy.step(LOST, 119.9) == "stay"
    assert policy.step(LOST, 120.0) == "open"


def test_two_minutes_count_from_the_last_time_that_it_was_there() -> None:
    policy = Hotspot(0.0)
    assert policy.step(replace(LOST, networked=True), 100.0) == "stay"
    assert policy.step(LOST, 219.9) == "stay"
    assert policy.step(LOST, 220.0) == "open"


@pytest.mark.parametrize(
    "situation", [replace(ALONE, claimed=True), replace(LOST, claimed=True), replace(ALONE, able=False)]
)
def test_never_after_claiming_and_never_without_a_radio(situation: Situation) -> None:
    policy = Hotspot(0.0)
    assert {policy.step(situation, at * 100.0) for at in range(1000)} == {"stay"}


def test_who_resets_the_device_gets_it_again() -> None:
    policy = Hotspot(0.0)
    assert policy.step(replace(LOST, claimed=True), 1000.0) == "stay"
    assert policy.step(LOST, 1119.9) == "stay"
    assert policy.step(LOST, 1120.0) == "open"


def test_it_closes_when_there_is_a_network() -> None:
    policy = Hotspot(0.0)
    policy.opened(10.0)
    assert policy.step(ALONE, 11.0) == "stay"
    assert policy.step(replace(ALONE, networked=True), 12.0) == "close"


def test_claiming_through_it_does_not_cut_its_new_owner_off() -> None:
    policy = Hotspot(0.0)
    policy.opened(10.0)
    assert policy.step(replace(ALONE, claimed=True), 5000.0) == "stay"


def test_known_networks_are_looked_for_while_nobody_uses_the_page() -> None:
    policy = Hotspot(0.0)
    policy.opened(200.0)
    policy.visited(400.0)
    assert policy.step(LOST, 699.9) == "stay"
    assert policy.step(ALONE, 5000.0) == "stay"
    assert policy.step(LOST, 700.0) == "close"
    policy.closed(700.0, soon=False)
    assert policy.step(LOST, 759.9) == "stay"
    assert policy.step(LOST, 760.0) == "open"


def test_after_a_failed_attempt_it_is_back_at_once() -> None:
    policy = Hotspot(0.0)
    policy.opened(10.0)
    policy.closed(50.0, soon=True)
    assert policy.step(LOST, 50.0) == "open"


def test_after_an_attempt_that_failed_it_is_back_once_for_its_new_owner() -> None:
    policy = Hotspot(0.0)
    claimed = replace(LOST, claimed=True)
    policy.opened(10.0)
    policy.failed(50.0)
    assert policy.step(claimed, 50.0) == "open"
    policy.opened(60.0)
    policy.closed(400.0, soon=True)
    assert policy.step(claimed, 5000.0) == "stay"


def test_an_attempt_that_failed_is_forgotten_with_the_next_network() -> None:
    policy = Hotspot(0.0)
    policy.failed(50.0)
    assert policy.step(replace(LOST, claimed=True, networked=True), 60.0) == "stay"
    assert policy.step(replace(LOST, claimed=True), 5000.0) == "stay"


def test_one_that_is_open_when_the_device_gets_an_owner_closes_for_good_whoever_comes_to_its_page() -> None:
    policy = Hotspot(0.0)
    policy.opened(20.0)
    assert policy.step(ALONE, 4000.0) == "stay"
    claimed = replace(ALONE, claimed=True)
    for now in (5000.0, 5100.0, 5299.0):
        policy.visited(now)
        assert policy.step(claimed, now) == "stay"
    assert policy.step(claimed, 5300.0) == "close"
    policy.closed(5300.0, soon=False)
    assert policy.step(claimed, 90000.0) == "stay"


def test_one_that_is_owed_to_an_owner_closes_as_well() -> None:
    claimed = replace(ALONE, claimed=True)
    policy = Hotspot(0.0)
    policy.failed(10.0)
    assert policy.step(claimed, 20.0) == "open"
    policy.opened(21.0)
    assert policy.step(claimed, 22.0) == "stay"
    policy.visited(321.0)
    assert policy.step(claimed, 322.0) == "close"
