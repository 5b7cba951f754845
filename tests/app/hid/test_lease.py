from __future__ import annotations

from typing import Any

import pytest

from app.hid.lease import Lease, NotAsked, Refused
from app.status import Control
from tests.app.hid.bench import Loop


class Watched:
    """A lease and what it did, in order."""

    def __init__(self) -> None:
        self.log: list[object] = []
        self.loop = Loop()
        self.holding = True
        loop: Any = self.loop
        self.lease = Lease(self.release, self.log.append, lambda client: self.log.append(f"lapsed {client}"), loop)

    def release(self) -> bool:
        self.log.append("release")
        return self.holding


@pytest.fixture
def watched() -> Watched:
    """Client 1 has control."""
    watched = Watched()
    watched.lease.admit(1, "ann")
    watched.log.clear()
    return watched


def test_the_first_to_type_gets_control() -> None:
    watched = Watched()
    watched.lease.admit(1, "ann")
    watched.lease.admit(1, "ann")
    assert watched.log == ["release", Control("ann", 1)]
    assert watched.lease.holds(1)


def test_another_is_refused_and_told_by_whom(watched: Watched) -> None:
    with pytest.raises(Refused, match=r"ann \(client 1\) has control"):
        watched.lease.admit(2, "bob")
    assert watched.lease.holds(1)


def test_taking_over_releases_first(watched: Watched) -> None:
    watched.lease.take(2, "bob")
    assert watched.log == ["release", Control("bob", 2)]
    with pytest.raises(Refused):
        watched.lease.admit(1, "ann")


def test_only_the_holders_end_changes_anything(watched: Watched) -> None:
    watched.lease.give(2)
    assert watched.log == []
    watched.lease.give(1)
    assert watched.log == ["release", Control()]
    watched.lease.admit(2, "bob")
    assert watched.lease.holds(2)


def test_asking_nobody_is_taking() -> None:
    watched = Watched()
    assert watched.lease.ask(2, "bob") is None
    assert watched.lease.holds(2)
    assert watched.lease.ask(2, "bob") is None


def test_the_holder_grants_to_who_asked(watched: Watched) -> None:
    with pytest.raises(NotAsked, match="client 2 does not ask for control"):
        watched.lease.grant(1, 2)
    assert watched.lease.ask(2, "bob") == 1
    assert watched.log == []
    with pytest.raises(Refused):
        watched.lease.grant(2, 2)
    watched.lease.grant(1, 2)
    assert watched.log == ["release", Control("bob", 2)]


def test_who_is_gone_does_not_ask_any_more(watched: Watched) -> None:
    watched.lease.ask(2, "bob")
    watched.lease.give(2)
    with pytest.raises(NotAsked):
        watched.lease.grant(1, 2)
    watched.lease.ask(3, "cyd")
    watched.lease.take(2, "bob")
    with pytest.raises(NotAsked):
        watched.lease.grant(2, 3)


def test_a_press_lapses_and_control_stays(watched: Watched) -> None:
    watched.lease.alive(1, watched.loop.now + 0.5)
    watched.loop.advance(0.49)
    assert watched.log == []
    watched.loop.advance(0.02)
    assert watched.log == ["release", "lapsed 1"]
    assert watched.lease.holds(1)
    watched.loop.advance(60)
    assert watched.log == ["release", "lapsed 1"]


def test_signs_of_life_keep_it(watched: Watched) -> None:
    for _ in range(20):
        watched.lease.alive(1, watched.loop.now + 0.5)
        watched.loop.advance(0.4)
    assert watched.log == []


def test_a_shorter_promise_replaces_a_longer_one(watched: Watched) -> None:
    watched.lease.alive(1, watched.loop.now + 5)
    watched.lease.alive(1, watched.loop.now + 0.5)
    watched.loop.advance(0.5)
    assert watched.log == ["release", "lapsed 1"]


def test_who_held_nothing_is_told_nothing(watched: Watched) -> None:
    watched.holding = False
    watched.lease.alive(1, watched.loop.now + 0.5)
    watched.loop.advance(1)
    assert watched.log == ["release"]


def test_a_strangers_sign_of_life_is_none(watched: Watched) -> None:
    watched.lease.alive(1, watched.loop.now + 0.5)
    watched.lease.alive(2, watched.loop.now + 5)
    watched.loop.advance(0.5)
    assert watched.log == ["release", "lapsed 1"]


def test_the_next_holder_does_not_lapse_with_the_last_ones_time(watched: Watched) -> None:
    watched.lease.alive(1, watched.loop.now + 0.5)
    watched.lease.take(2, "bob")
    watched.log.clear()
    watched.loop.advance(1)
    assert watched.log == []
