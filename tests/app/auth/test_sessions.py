from __future__ import annotations

from app.auth.sessions import ABSOLUTE, IDLE, MOST, Sessions


class Bench:
    def __init__(self) -> None:
        self.now = 0.0
        self.sessions = Sessions(lambda: self.now)


def test_a_session_is_found_by_its_token_alone() -> None:
    bench = Bench()
    token = bench.sessions.open("ann")
    found = bench.sessions.find(token)
    assert found is not None
    assert found.user == "ann"
    assert bench.sessions.find(token[:-1]) is None
    assert bench.sessions.find("") is None


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


def test_an_unused_one_ends() -> None:
    bench = Bench()
    token = bench.sessions.open("ann")
    bench.now = IDLE + 1
    assert bench.sessions.find(token) is None


def test_closing_ends_what_hangs_on_it() -> None:
    bench = Bench()
    token = bench.sessions.open("ann")
    session = bench.sessions.find(token)
    assert session is not None
    ended: list[str] = []
    session.ended.add(lambda: ended.append("stream"))
    session.ended.add(lambda: ended.append("control"))
    bench.sessions.close(token)
    bench.sessions.close(token)
    assert sorted(ended) == ["control", "stream"]
    assert bench.sessions.find(token) is None


def test_there_are_not_endlessly_many() -> None:
    bench = Bench()
    tokens = []
    for _ in range(MOST + 1):
        bench.now += 1
        tokens.append(bench.sessions.open("ann"))
    assert bench.sessions.find(tokens[0]) is None
    assert all(bench.sessions.find(token) for token in tokens[1:])
