from __future__ import annotations

from app.auth.sessions import ABSOLUTE, IDLE, MOST, MOST_EACH, Sessions
from app.chance import Chance


class Bench:
    def __init__(self) -> None:
        self.now = 0.0
        self.sessions = Sessions(lambda: self.now, Chance())


def test_a_session_is_found_by_its_token_alone() -> None:
    bench = Bench()
    token = bench.sessions.open("ann", "10.0.0.1", "Firefox")
    found = bench.sessions.find(token)
    assert found is not None
    assert (found.user, found.address, found.agent) == ("ann", "10.0.0.1", "Firefox")
    for wrong in (token[:-1], "", found.id, "\ud800"):
        assert bench.sessions.find(wrong) is None


def test_tokens_are_not_kept() -> None:
    bench = Bench()
    token = bench.sessions.open("ann")
    assert token not in repr(vars(bench.sessions))


def test_use_keeps_it_alive_but_not_for_ever() -> None:
    bench = Bench()
    token = bench.sessions.open("ann")
    while bench.now < ABSOLUTE:
        assert bench.sessions.find(token) is not None
        bench.now += IDLE - 1
    assert bench.sessions.find(token) is None


def test_an_unused_one_ends_and_is_not_listed() -> None:
    bench = Bench()
    token = bench.sessions.open("ann")
    bench.now = IDLE + 1
    assert bench.sessions.all() == []
    assert bench.sessions.find(token) is None


def test_an_open_socket_is_use_up_to_the_end() -> None:
    bench = Bench()
    bench.sessions.open("ann")
    (session,) = bench.sessions.all()
    while bench.now <= ABSOLUTE:
        assert bench.sessions.use(session.id)
        bench.now += IDLE / 2
    assert not bench.sessions.use(session.id)
    assert not bench.sessions.use("0" * 12)


def test_the_list_has_the_last_used_first_and_ends_what_it_is_told() -> None:
    bench = Bench()
    first = bench.sessions.open("ann")
    bench.now = 1
    bench.sessions.open("bob")
    bench.now = 2
    bench.sessions.find(first)
    assert [session.user for session in bench.sessions.all()] == ["ann", "bob"]
    bench.sessions.end(lambda session: session.user == "ann")
    assert bench.sessions.find(first) is None
    assert [session.user for session in bench.sessions.all()] == ["bob"]


def test_there_are_not_endlessly_many_and_nobody_pushes_the_others_out() -> None:
    bench = Bench()
    owner = bench.sessions.open("ann")
    tokens = []
    for _ in range(MOST_EACH + 5):
        bench.now += 1
        tokens.append(bench.sessions.open("eve"))
    assert bench.sessions.find(owner) is not None
    assert [bench.sessions.find(token) is not None for token in tokens] == [False] * 5 + [True] * MOST_EACH
    for number in range(MOST * 2):
        bench.sessions.open(f"user{number}")
    assert len(bench.sessions.all()) == MOST
