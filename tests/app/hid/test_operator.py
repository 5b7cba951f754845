"""What one client may do, and for how long it is good; what is held, and who holds it, are the desk's and the lease's own tests."""

from __future__ import annotations

from typing import Any

import pytest

from app.hid.desk import Desk, Held
from app.hid.lease import Lease, Refused
from app.hid.operator import Operator
from tests.app.hid.bench import Loop
from tests.app.hid.test_desk import Kept

A = Held(("KeyA",))
NOTHING = Held()


class Bench:
    """One desk and two operators."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.desk = Desk(self.loop.time)
        outputs: Any = [Kept() for _ in range(5)]
        self.desk.attach(*outputs)
        self.lapsed: list[int] = []
        self.lost: list[tuple[int, str]] = []
        loop: Any = self.loop
        self.lease = Lease(self.desk.release, lambda _holder: None, self.lapsed.append, loop)
        self.first, self.second = (
            Operator(
                number,
                "ann",
                self.lease,
                self.desk,
                lost=lambda count, why: self.lost.append((count, why)),
                clock=self.loop.time,
            )
            for number in (1, 2)
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_page_that_falls_silent_lets_go(bench: Bench) -> None:
    bench.first.hold(A, at=1.0)
    bench.loop.advance(0.45)
    assert bench.desk.held == A
    bench.first.keep(A, at=1.45)
    bench.loop.advance(0.45)
    assert bench.desk.held == A
    bench.loop.advance(0.1)
    assert bench.desk.held == NOTHING
    assert bench.lapsed == [1]
    bench.first.keep(A, at=2.0)
    assert bench.desk.held == NOTHING, "a sign of life presses nothing"
    bench.first.hold(Held(("ShiftLeft", "KeyA")), at=2.0)
    assert bench.desk.held == Held(("ShiftLeft", "KeyA"))


def test_a_late_press_is_not_carried_out_and_told(bench: Bench) -> None:
    bench.first.hold(A, at=1.0)
    bench.loop.advance(0.4)
    bench.first.keep(A, at=1.4)
    bench.loop.advance(1.0)
    bench.first.hold(Held(("KeyA", "Enter")), at=1.5)
    assert bench.desk.held == NOTHING
    assert bench.lost == [(1, "it was held up on its way for too long")]
    bench.first.hold(Held(("KeyB",)), at=2.4)
    assert bench.desk.held == Held(("KeyB",))


def test_a_late_press_lets_go_of_what_it_does_not_name(bench: Bench) -> None:
    bench.first.heard(1.0)
    bench.first.key("KeyA", True)
    bench.loop.advance(1.0)
    bench.first.hold(Held(("KeyB",)), at=1.0)
    assert bench.desk.held == NOTHING


def test_a_late_sign_of_life_is_none(bench: Bench) -> None:
    bench.first.hold(A, at=1.0)
    bench.loop.advance(0.3)
    bench.first.keep(A, at=0.7)
    bench.loop.advance(0.3)
    assert bench.lapsed == [1]


def test_what_is_sent_during_a_stall_is_late_even_when_nothing_was_typed_before(bench: Bench) -> None:
    bench.first.heard(1.0)
    bench.loop.advance(10.0)
    bench.first.hold(A, at=2.0)
    assert bench.desk.held == NOTHING


def test_late_steps_and_turns_are_not_made(bench: Bench) -> None:
    outputs: Any = [Kept() for _ in range(5)]
    bench.desk.attach(*outputs)
    bench.first.heard(1.0)
    bench.loop.advance(1.0)
    bench.first.shift(1, 1, at=1.0)
    bench.first.wheel(1, 1, at=1.0)
    assert [output.reports for output in outputs] == [[]] * 5
    bench.first.shift(1, 1, at=2.0)
    bench.first.wheel(1, 1)
    assert [len(output.reports) for output in outputs] == [0, 0, 2, 0, 0]


def test_another_client_lives_by_its_pongs(bench: Bench) -> None:
    bench.first.key("KeyA", True)
    for _ in range(4):
        bench.loop.advance(4.9)
        bench.first.pong()
    assert bench.desk.held == A
    bench.loop.advance(5.0)
    assert bench.desk.held == NOTHING
    assert bench.lapsed == [1]


def test_typing_is_no_pong(bench: Bench) -> None:
    bench.first.key("KeyA", True)
    bench.loop.advance(4.0)
    bench.first.key("KeyB", True)
    bench.loop.advance(1.0)
    assert bench.desk.held == NOTHING


def test_a_pages_pong_keeps_nothing(bench: Bench) -> None:
    """Its browser answers pings whether or not anybody is at the keyboard."""
    bench.first.hold(A, at=1.0)
    bench.first.pong()
    bench.loop.advance(0.5)
    assert bench.desk.held == NOTHING


def test_a_script_beside_a_page_does_not_stretch_what_the_page_promised(bench: Bench) -> None:
    def press() -> None:
        script = Operator(1, "ann", bench.lease, bench.desk, lost=lambda *_: None, clock=bench.loop.time, beside=True)
        script.key("KeyX", True)

    bench.first.hold(A, at=1.0)
    bench.loop.advance(0.4)
    press()
    bench.loop.advance(0.05)
    assert bench.desk.held == Held(("KeyA", "KeyX"))
    bench.loop.advance(0.1)
    assert bench.desk.held == NOTHING
    press()
    bench.loop.advance(4.9)
    assert bench.desk.held == Held(("KeyX",)), "its own promise, while the page has none"
    bench.loop.advance(0.1)
    assert bench.desk.held == NOTHING


def test_a_key_that_finishes_is_up_again_unless_others_go_with_it(bench: Bench) -> None:
    bench.first.key("KeyA", True, finish=True)
    assert bench.desk.held == NOTHING
    bench.first.key("ShiftLeft", True, finish=True)
    bench.first.key("PrintScreen", True, finish=True)
    assert bench.desk.held == Held(("ShiftLeft", "PrintScreen"))


def test_only_the_holder_does_anything(bench: Bench) -> None:
    bench.first.hold(A, at=1.0)
    for act in (
        lambda: bench.second.hold(A, at=1.0),
        lambda: bench.second.key("KeyB", True),
        lambda: bench.second.button("left", True),
        lambda: bench.second.move(0, 0),
        lambda: bench.second.shift(0, 0),
        lambda: bench.second.wheel(0, 0),
    ):
        with pytest.raises(Refused):
            act()
    bench.second.keep(NOTHING, at=1.0)
    bench.second.release()
    bench.second.leave()
    assert bench.desk.held == A
    bench.first.release()
    assert bench.desk.held == NOTHING
    bench.first.hold(A, at=1.0)
    bench.first.leave()
    assert bench.desk.held == NOTHING
    assert bench.lease.holder.client is None


def test_a_sign_of_life_takes_no_control(bench: Bench) -> None:
    bench.first.keep(A, at=1.0)
    bench.first.release()
    assert bench.lease.holder.client is None
