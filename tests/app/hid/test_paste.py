"""The job that types a text, against the simulated cable and a system that reads what arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from app.hid import output
from app.hid.desk import Desk, Pasting
from app.hid.keymaps import Keymaps
from app.hid.output import Output
from app.hid.paste import LONGEST, KeysHeld, Paster, Reports, Stopped, TooLong, Untypable, planned
from app.sim.host import SimHost
from app.status import Control, Paste
from tests.app.hid.system import System

KEYMAPS = Keymaps("us")
FUNCTIONS = ("keyboard", "pointer", "mouse", "consumer", "system")
TEXT = "aßÉ^ô\n»"
CLIENT = 7


def plan(text: str, layout: str = "de", *, caps: bool = False, skip: bool = False) -> list[Reports]:
    return planned(text, KEYMAPS.layout(layout).ways(caps=caps), skip=skip)


class Bench:
    """A target with a German keyboard, and what may be typed on it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, caps: bool = False) -> None:
        self.system = System("de", caps=caps)
        self.taken = 0
        self.at_report: Callable[[int], None] = lambda _number: None
        """Called as the host takes a report."""
        self.after_report: Callable[[int], None] = lambda _number: None
        """Called between two reports of a text that is typed slowly."""
        self.said: list[Paste] = []
        self.slept: list[float] = []
        self.now = 0.0
        self.host = SimHost(
            loop, {name: self._take if name == "keyboard" else lambda _report: None for name in FUNCTIONS}
        )
        self.host.plug()
        self.desk = Desk(lambda: 0.0)
        lost = lambda _reports, _reason: None  # noqa: E731
        self.outputs = [
            Output(self.host.port(name), loop, lambda: bytes(8), lambda: bytes(8), lost=lost) for name in FUNCTIONS
        ]
        self.desk.attach(*self.outputs)
        self.paster = Paster(self.desk, self.outputs[0], self.said.append, lambda: self.now, self._sleep)

    def _take(self, report: bytes) -> None:
        self.system.receive([report])
        self.taken += 1
        self.at_report(self.taken)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.after_report(len(self.slept))
        await asyncio.sleep(0)

    async def arrived(self) -> None:
        """Return when the host has taken what was sent."""
        await self.outputs[0].deliver(bytes(8))
        await asyncio.sleep(0)

    async def close(self) -> None:
        for each in self.outputs:
            await each.stop()
        self.host.dispose()
        self.system.close()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stands still for half a second, or a whole one, is not what these tests are about."""
    monkeypatch.setattr(output, "PATIENCE", 2.0)


@pytest.fixture
async def bench() -> Iterator[Bench]:  # type: ignore[misc]
    result = Bench(asyncio.get_running_loop())
    yield result
    await result.close()


async def test_a_text_arrives_and_its_progress_is_told(bench: Bench) -> None:
    await bench.paster.type(plan(TEXT), CLIENT)
    await bench.arrived()
    assert bench.system.text == TEXT
    assert bench.system.idle
    assert bench.said == [Paste(CLIENT, 0, len(TEXT)), Paste(None, len(TEXT), len(TEXT))]
    assert not bench.desk.pasting


async def test_progress_is_told_now_and_then(bench: Bench) -> None:
    def later(_number: int) -> None:
        bench.now += 0.06

    bench.at_report = later
    await bench.paster.type(plan("a" * 20), CLIENT)
    typed = [said.typed for said in bench.said]
    assert typed == sorted(typed)
    assert 4 < len(typed) < 20


async def test_the_end_of_a_line_is_one_enter_however_it_is_written(bench: Bench) -> None:
    await bench.paster.type(plan("a\r\nb\rc\nd\r\r\n\te"), CLIENT)
    await bench.arrived()
    assert bench.system.text == "a\nb\nc\nd\n\n\te"


def test_accents_join_their_letters() -> None:
    assert plan("e\u0301o\u0302") == plan("éô")


def test_what_cannot_be_typed_is_named_with_its_number_before_anything_else() -> None:
    with pytest.raises(Untypable, match=r"cannot type 'ж' \(U\+0436\), '☃' \(U\+2603\): nothing was typed") as refused:
        plan("aж☃bж")
    assert refused.value.details == {"untypable": {"ж": 2, "☃": 1}}
    assert plan("aж☃bж", skip=True) == plan("ab")
    with pytest.raises(Untypable, match=r"'\\x1b' \(U\+001B\), '\\x00' \(U\+0000\)"):
        plan("\x1b\x00")


def test_what_is_too_long_is_refused() -> None:
    assert len(plan("a" * LONGEST)) == LONGEST
    with pytest.raises(TooLong, match="65537 characters, expected at most 65536"):
        plan("a" * (LONGEST + 1))


async def test_the_operators_keys_are_refused_meanwhile(bench: Bench) -> None:
    seen: list[str] = []

    def interfere(number: int) -> None:
        if number == 3:
            with pytest.raises(Pasting, match="a text is being pasted"):
                bench.desk.key("KeyX", True)
            bench.desk.key("KeyX", False)
            bench.desk.release()
            seen.append("refused")

    bench.at_report = interfere
    await bench.paster.type(plan(TEXT), CLIENT)
    bench.desk.key("KeyX", True)
    await bench.arrived()
    assert seen == ["refused"]
    assert bench.system.text == TEXT + "x"


async def test_held_keys_and_a_running_paste_come_first(bench: Bench) -> None:
    bench.desk.key("ShiftLeft", True)
    with pytest.raises(KeysHeld, match="let go of them first"):
        await bench.paster.type(plan("a"), CLIENT)
    bench.desk.key("ShiftLeft", False)
    first = asyncio.ensure_future(bench.paster.type(plan(TEXT), CLIENT))
    await asyncio.sleep(0)
    with pytest.raises(Pasting):
        await bench.paster.type(plan("b"), CLIENT)
    await first
    await bench.arrived()
    assert bench.system.text == TEXT


@pytest.mark.parametrize("caps", [False, True])
async def test_it_can_be_stopped_at_every_report_and_leaves_nothing_behind(caps: bool) -> None:
    characters = plan(TEXT, caps=caps)
    lengths = [len(character) for character in characters]
    for number in range(1, sum(lengths) + 1):
        bench = Bench(asyncio.get_running_loop(), caps=caps)

        def stop(sent: int, bench: Bench = bench, number: int = number) -> None:
            if sent == number:
                assert bench.paster.stop("enough")

        bench.after_report = stop
        with pytest.raises(Stopped, match="enough") as stopped:
            await bench.paster.type(characters, CLIENT, delay=1)
        assert bench.said[-1].client is None
        await bench.arrived()
        assert bench.system.text == TEXT[: stopped.value.typed], f"stopped at report {number}"
        assert sum(lengths[: stopped.value.typed - 1]) < number <= sum(lengths[: stopped.value.typed])
        assert bench.system.idle
        assert bench.system.caps == caps
        assert bench.said[-1] == Paste(None, stopped.value.typed, len(TEXT), "enough")
        assert not bench.paster.stop("again")
        await bench.close()


async def test_who_takes_control_types_after_it_at_once(bench: Bench) -> None:
    def take(number: int) -> None:
        if number == 4:
            bench.paster.passed(Control("bob", CLIENT + 1))
            bench.desk.key("KeyX", True)
            bench.desk.key("KeyX", False)

    bench.at_report = take
    with pytest.raises(Stopped, match="control went to somebody else") as stopped:
        await bench.paster.type(plan(TEXT), CLIENT)
    await bench.arrived()
    assert bench.system.text == TEXT[: stopped.value.typed] + "x"
    assert bench.system.idle


async def test_control_that_stays_changes_nothing_and_control_given_back_ends_it(bench: Bench) -> None:
    bench.paster.passed(Control("bob", 1))
    bench.at_report = lambda _number: bench.paster.passed(Control("ann", CLIENT))
    await bench.paster.type(plan("abc" * 50), CLIENT)
    bench.at_report = lambda _number: bench.paster.passed(Control())
    with pytest.raises(Stopped, match="control was given back"):
        await bench.paster.type(plan(TEXT), CLIENT)


async def test_a_new_text_may_follow_a_stopped_one_at_once(bench: Bench) -> None:
    following: list[asyncio.Task[None]] = []

    def replace(number: int) -> None:
        if number == 2:
            bench.paster.stop("enough")
            following.append(asyncio.ensure_future(bench.paster.type(plan("xyz"), CLIENT)))

    bench.at_report = replace
    with pytest.raises(Stopped) as stopped:
        await bench.paster.type(plan(TEXT), CLIENT)
    await following[0]
    await bench.arrived()
    assert bench.system.text == TEXT[: stopped.value.typed] + "xyz"
    assert bench.said[-1] == Paste(None, 3, 3)


@pytest.mark.parametrize(
    ("fate", "words"),
    [(SimHost.suspend, "asleep, or does not answer"), (SimHost.unplug, "not plugged in")],
)
async def test_a_target_that_goes_away_ends_it_for_good(
    bench: Bench, fate: Callable[[SimHost], None], words: str
) -> None:
    def leave(number: int) -> None:
        if number == 8:
            fate(bench.host)

    bench.at_report = leave
    with pytest.raises(Stopped, match=f"stopped after .* of 400 characters: .*{words}") as stopped:
        await bench.paster.type(plan("ab" * 200), CLIENT)
    assert stopped.value.details == {"typed": stopped.value.typed, "total": 400}
    assert not bench.desk.pasting
    read = len(bench.system.text)
    assert read >= 4
    bench.at_report = lambda _number: None
    bench.host.plug()
    # Whatever had been queued below us arrives now, and then the release that is owed.
    await bench.arrived()
    assert len(bench.system.text) - read <= 16, "the socket's queue, not the rest of the text"
    assert bench.system.idle


async def test_slow_firmware_gets_its_time_after_each_report(bench: Bench) -> None:
    await bench.paster.type(plan("aA"), CLIENT, 0.02)
    assert bench.slept == [0.02] * 5
