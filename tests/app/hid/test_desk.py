"""What the desk sends for what an operator does, on outputs that keep it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.hid.desk import Desk, Held, Pasting
from app.hid.mouse import UnknownButton
from app.hid.usages import UnknownKey
from tests.app.hid.bench import Loop

CONTROL, SHIFT, A, B = 0x01, 0x02, 0x04, 0x05


class Kept:
    """Stands for an Output."""

    def __init__(self) -> None:
        self.reports: list[bytes] = []
        self.ages: list[float] = []
        self.refuse: Callable[[], bytes] | None = None
        self.renewed = 0

    def renew(self) -> None:
        self.renewed += 1

    def send(self, report: bytes, join: object = None, *, age: float = 0.0) -> None:
        self.ages.append(age)
        if self.refuse:
            self.refuse()
        else:
            self.reports.append(report)


class Bench:
    def __init__(self) -> None:
        self.loop = Loop()
        self.desk = Desk(self.loop.time)
        self.keyboard, self.pointer, self.mouse, self.consumer, self.system = outputs = [Kept() for _ in range(5)]
        attached: Any = outputs
        self.desk.attach(*attached)

    def typed(self) -> list[tuple[int, list[int]]]:
        """Modifiers and keys of each keyboard report since the last call."""
        reports = [(report[0], [usage for usage in report[2:] if usage]) for report in self.keyboard.reports]
        self.keyboard.reports.clear()
        return reports


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_all_at_once_goes_modifiers_first(bench: Bench) -> None:
    bench.desk.hold(Held(("KeyB", "ShiftLeft", "KeyA", "ControlLeft"), ("right",)))
    assert bench.typed() == [
        (SHIFT, []), (SHIFT | CONTROL, []), (SHIFT | CONTROL, [B]), (SHIFT | CONTROL, [B, A])
    ]  # fmt: skip
    assert [report[0] for report in bench.pointer.reports] == [2]
    assert bench.desk.held == Held(("ShiftLeft", "ControlLeft", "KeyB", "KeyA"), ("right",))


def test_what_goes_up_goes_before_what_comes_down(bench: Bench) -> None:
    bench.desk.hold(Held(("KeyA",)))
    bench.desk.hold(Held(("ShiftLeft", "KeyB")))
    assert bench.typed() == [(0, [A]), (0, []), (SHIFT, []), (SHIFT, [B])]


def test_a_press_is_as_old_as_its_message_and_a_release_is_always_new(bench: Bench) -> None:
    bench.desk.hold(Held(("ShiftLeft", "KeyA"), ("left",)), 0.25)
    bench.desk.keep(Held())
    assert bench.keyboard.ages == [0.25, 0.25, 0.0]
    assert bench.pointer.ages == [0.25, 0.0]


def test_holding_the_same_says_nothing(bench: Bench) -> None:
    bench.desk.hold(Held(("KeyA",), ("left",)))
    bench.typed()
    bench.pointer.reports.clear()
    bench.desk.hold(Held(("KeyA",), ("left",)))
    bench.desk.keep(Held(("KeyA", "KeyB"), ("left", "right")))
    assert bench.typed() == bench.pointer.reports == []


def test_what_is_held_is_not_played_again_when_more_is_pressed(bench: Bench) -> None:
    """A fifth media key has let go of the first on the target, which is held here all the same."""
    media = ("AudioVolumeUp", "AudioVolumeDown", "AudioVolumeMute", "MediaPlayPause", "MediaStop")
    bench.desk.hold(Held(media))
    bench.consumer.reports.clear()
    bench.desk.hold(Held((*media, "KeyA")))
    assert bench.consumer.reports == []


def test_keeping_lets_go_at_once_and_presses_nothing(bench: Bench) -> None:
    bench.desk.hold(Held(("ShiftLeft", "KeyA", "KeyB"), ("left", "right")))
    bench.typed()
    bench.desk.keep(Held(("ControlLeft",), ("right", "middle")))
    assert bench.typed() == [(0, [])]
    assert bench.desk.held == Held((), ("right",))


def test_letting_go_of_many_keys_types_none_of_them(bench: Bench) -> None:
    bench.desk.hold(Held(tuple(f"Key{letter}" for letter in "ABCDEFGH")))
    bench.typed()
    bench.desk.keep(Held(("KeyA",)))
    assert bench.typed() == [(0, [A])]


def test_each_device_is_told_of_its_own_keys_and_no_others(bench: Bench) -> None:
    bench.desk.hold(Held(("KeyA", "AudioVolumeUp", "Sleep")))
    assert bench.desk.held.keys == ("KeyA", "AudioVolumeUp", "Sleep")
    bench.desk.keep(Held(("KeyA",)))
    assert [len(output.reports) for output in (bench.keyboard, bench.consumer, bench.system)] == [1, 2, 2]
    bench.desk.hold(Held(("KeyA", "AudioVolumeUp")))
    bench.desk.dropped(bench.desk.consumer)
    assert bench.desk.held.keys == ("KeyA",)
    assert bench.desk.release()
    assert [len(output.reports) for output in (bench.keyboard, bench.consumer, bench.system)] == [2, 3, 2]


def test_while_a_text_is_pasted_keys_only_go_up(bench: Bench) -> None:
    bench.desk.pasting = True
    with pytest.raises(Pasting):
        bench.desk.hold(Held(("KeyA",)))
    bench.desk.hold(Held((), ("left",)))
    assert bench.desk.held == Held((), ("left",))
    assert bench.typed() == []


def test_what_nobody_knows_is_refused_before_anything_is_done() -> None:
    with pytest.raises(UnknownKey, match="'Kea'"):
        Held(("KeyA", "Kea"))
    with pytest.raises(UnknownButton, match="'fire'"):
        Held((), ("left", "fire"))


def test_a_discarded_modifier_ends_the_press(bench: Bench) -> None:
    """Otherwise a target that comes back in between gets the key without it."""

    def once() -> bytes:
        bench.keyboard.refuse = None
        return bench.desk.dropped(bench.desk.keyboard)

    bench.keyboard.refuse = once
    bench.desk.hold(Held(("ShiftLeft", "KeyA")))
    assert bench.desk.held == Held()
    assert bench.typed() == []
    bench.desk.hold(Held(("ShiftLeft", "KeyA")))
    assert bench.typed() == [(SHIFT, []), (SHIFT, [A])]


def test_release_says_whether_anything_was_held(bench: Bench) -> None:
    assert not bench.desk.release()
    assert bench.keyboard.reports == bench.pointer.reports == bench.mouse.reports == []
    bench.desk.key("KeyA", True)
    bench.desk.shift(1, 1)
    bench.desk.button("left", True)
    assert bench.desk.release()
    assert bench.typed() == [(0, [A]), (0, [])]
    assert [report[0] for report in bench.mouse.reports] == [0, 1, 0]
    assert not bench.desk.release()


def test_every_device_is_said_again(bench: Bench) -> None:
    outputs = bench.keyboard, bench.pointer, bench.mouse, bench.consumer, bench.system
    bench.desk.renew()
    assert [output.renewed for output in outputs] == [1] * 5


def test_a_reset_lets_go_and_is_somebody(bench: Bench) -> None:
    """Else the jiggler would move at once where somebody wants peace."""
    bench.desk.key("KeyA", True)
    bench.loop.advance(90)
    bench.desk.reset()
    assert bench.typed() == [(0, [A]), (0, [])]
    assert bench.desk.idle == 0


def test_the_other_mouse_takes_over_with_no_button_down(bench: Bench) -> None:
    bench.desk.move(0, 0)
    bench.desk.button("left", True)
    bench.desk.shift(5, 0)
    assert [report[0] for report in bench.pointer.reports] == [0, 1, 0]
    bench.desk.button("right", True)
    assert bench.desk.held == Held((), ("right",))
    bench.desk.move(1, 1)
    assert [report[0] for report in bench.mouse.reports] == [0, 2, 0]
    assert bench.desk.held == Held()


@pytest.mark.parametrize(
    "act",
    [
        lambda desk: desk.key("KeyA", True),
        lambda desk: desk.button("left", True),
        lambda desk: desk.move(0, 0),
        lambda desk: desk.shift(0, 1),
        lambda desk: desk.wheel(0, 1),
    ],
)
def test_the_desk_knows_how_long_nobody_touched_it(bench: Bench, act: Callable[[Desk], None]) -> None:
    bench.loop.advance(90)
    assert bench.desk.idle == 90
    act(bench.desk)
    assert bench.desk.idle == 0
