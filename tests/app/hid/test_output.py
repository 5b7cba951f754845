"""The output against a port that behaves like the kernel's, on a clock that the test moves."""

from __future__ import annotations

import asyncio
import errno
import struct
from typing import Any

import pytest

from app.hid.backlog import Undelivered
from app.hid.mouse import Mouse, newest, total
from app.hid.output import PATIENCE, Output
from tests.app.hid.bench import KernelPort, Loop

RELEASED = bytes(8)
ASLEEP = "the target is asleep, or does not answer on USB"
A, B, C = (bytes([0, 0, usage, 0, 0, 0, 0, 0]) for usage in (4, 5, 6))


class Bench:
    def __init__(self) -> None:
        self.loop = Loop()
        self.port = KernelPort(self.loop)
        self.lost: list[tuple[int, str]] = []
        self.received: list[bytes | None] = []
        self.released: list[float] = []
        loop: Any = self.loop
        self.state = RELEASED
        self.output = Output(
            self.port,
            loop,
            lambda: self.state,
            self.let_go,
            lost=lambda *told: self.lost.append(told),
            received=self.received.append,
        )
        self.output.renew()
        self.loop.advance(5)
        assert set(self.port.host) == {RELEASED}
        self.port.host.clear()
        self.released.clear()

    def let_go(self) -> bytes:
        self.released.append(self.loop.now)
        self.state = RELEASED
        return RELEASED

    def hold(self, report: bytes) -> None:
        """Send it as a desk does."""
        self.state = report
        self.output.send(report)

    def suspend(self) -> None:
        """Without a word from the gadget."""
        self.port.sleep(told=False)

    def resume(self) -> None:
        self.port.wake()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_reports_leave_in_order(bench: Bench) -> None:
    for report in (A, B, C, RELEASED):
        bench.output.send(report)
    assert bench.port.host == [A, B, C, RELEASED]
    assert bench.loop.writers == {}


def test_a_short_wait_loses_nothing(bench: Bench) -> None:
    bench.suspend()
    for report in (A, B, C, RELEASED):
        bench.output.send(report)
    bench.loop.advance(PATIENCE / 2)
    bench.resume()
    assert bench.port.host == [A, B, C, RELEASED]
    assert bench.lost == []


def test_a_press_queued_in_the_kernel_cannot_stick(bench: Bench) -> None:
    """The release met EAGAIN and got too old: on resume the press arrives, and right after it a release."""
    bench.suspend()
    for report in (A, RELEASED, B, RELEASED):
        bench.output.send(report)
    bench.loop.advance(PATIENCE * 2)
    assert bench.lost == [(2, ASLEEP)]
    bench.resume()
    assert bench.port.host == [A, RELEASED, RELEASED]
    bench.output.send(C)
    assert bench.port.host[-1] == C


def test_nothing_is_typed_late(bench: Bench) -> None:
    bench.suspend()
    bench.output.send(A)
    bench.output.send(B)
    for _ in range(20):
        bench.output.send(C)
        bench.loop.advance(1.0)
    bench.resume()
    assert bench.port.host == [A, B, RELEASED]
    assert sum(count for count, _ in bench.lost) == 20


def test_what_was_long_under_way_waits_less(bench: Bench) -> None:
    bench.port.depth = 0
    bench.suspend()
    bench.output.send(A, age=0.4)
    bench.loop.advance(0.11)
    assert bench.lost == [(1, ASLEEP)]


def test_what_was_long_under_way_waits_less_behind_what_was_not(bench: Bench) -> None:
    bench.port.depth = 0
    bench.suspend()
    bench.output.send(A)
    bench.output.send(B, age=0.44)
    bench.loop.advance(0.44)
    bench.port.depth = 1
    bench.resume()
    assert B not in bench.port.host
    assert sum(reports for reports, _why in bench.lost) == 2


def test_what_was_under_way_for_too_long_is_not_typed_though_the_host_is_there(bench: Bench) -> None:
    bench.output.send(A, age=PATIENCE + 0.01)
    assert A not in bench.port.host
    assert bench.lost == [(1, ASLEEP)]


def test_nothing_overtakes_what_waits_though_there_is_room_again(bench: Bench) -> None:
    bench.suspend()
    for report in (A, B, C):
        bench.output.send(report)
    bench.port.depth += 1
    bench.output.send(RELEASED)
    bench.resume()
    assert bench.port.host == [A, B, C, RELEASED]


def test_a_release_that_is_refused_is_told(bench: Bench) -> None:
    bench.port.rebuild()
    bench.output.send(RELEASED)
    assert [count for count, _ in bench.lost] == [1]


def test_a_loop_that_was_late_itself_types_nothing_old(bench: Bench) -> None:
    """The descriptor became writable before the timer ran, but the report is too old all the same."""
    bench.suspend()
    for report in (A, RELEASED, B):
        bench.output.send(report)
    bench.loop.now += PATIENCE + 0.1
    bench.resume()
    assert bench.port.host == [A, RELEASED, RELEASED]
    assert [count for count, _ in bench.lost] == [1]


def test_a_host_that_is_known_to_sleep_is_given_nothing_to_type_when_it_wakes(bench: Bench) -> None:
    bench.port.sleep(told=True)
    bench.output.send(A)
    assert bench.lost == [(1, ASLEEP)]
    bench.output.send(RELEASED)
    bench.loop.advance(PATIENCE)
    assert bench.lost == [(1, ASLEEP), (1, ASLEEP)]
    assert bench.port.queued == [RELEASED, RELEASED]
    bench.resume()
    assert set(bench.port.host) == {RELEASED}
    bench.output.send(B)
    assert bench.port.host[-1] == B


def test_what_is_sent_just_before_the_host_wakes_is_typed(bench: Bench) -> None:
    bench.port.sleep(told=True)
    bench.output.send(A)
    bench.output.send(B)
    bench.loop.advance(PATIENCE / 2)
    bench.resume()
    assert bench.port.host[-1] == B
    assert A not in bench.port.host


@pytest.mark.parametrize("slow", [False, True])
def test_a_gadget_that_calls_the_host_asleep_for_ever_costs_one_report(bench: Bench, slow: bool) -> None:
    """The flag is the controller driver's affair, and the host's polling is the better witness."""
    bench.port.sleep(told=True)
    bench.port.polled = not slow
    bench.output.send(A)
    if slow:
        bench.port.polled = True
        bench.port.take()
    bench.output.send(B)
    bench.output.send(C)
    assert bench.port.host[-2:] == [B, C]
    assert bench.lost == [(1, ASLEEP)]
    bench.port.flag = False
    bench.output.send(RELEASED)
    bench.port.sleep(told=True)
    bench.output.send(A)
    assert bench.lost == [(1, ASLEEP)] * 2, "once it was right again, it is believed again"


@pytest.mark.parametrize(
    ("code", "words"), [(errno.ESHUTDOWN, "not set up its USB devices"), (errno.ENODEV, "USB devices are not up")]
)
def test_without_a_host_keys_are_lost_at_once_and_released_on_return(bench: Bench, code: int, words: str) -> None:
    bench.port.fail(code)
    bench.output.send(A)
    ((count, why),) = bench.lost
    assert count == 1
    assert words in why
    bench.output.send(B)
    assert len(bench.lost) == 2
    bench.port.fail(None)
    bench.loop.advance(1.0)
    assert set(bench.port.host) == {RELEASED}


@pytest.mark.parametrize("code", [errno.ESHUTDOWN, errno.ENODEV])
def test_another_node_is_found_while_somebody_points_on(bench: Bench, code: int) -> None:
    bench.port.fail(code)
    bench.loop.advance(0.5)
    bench.port.rebuild()
    bench.port.fail(None)
    for _ in range(10):
        bench.output.send(b"\0a", newest)
        bench.loop.advance(0.1)
    assert b"\0a" in bench.port.host


def test_a_host_that_comes_back_is_typed_on_at_once(bench: Bench) -> None:
    bench.port.fail(errno.ESHUTDOWN)
    bench.loop.advance(0.5)
    bench.hold(A)
    bench.port.fail(None)
    bench.hold(B)
    assert bench.port.host[0] == RELEASED
    assert set(bench.port.host[1:]) == {B}


def test_why_nothing_is_taken_is_known_until_something_is(bench: Bench) -> None:
    bench.port.sleep(told=True)
    bench.output.send(A)
    assert bench.output.trouble == ASLEEP
    bench.port.wake()
    assert bench.output.trouble == ""
    bench.port.fail(errno.ESHUTDOWN)
    assert "not set up its USB devices" in bench.output.trouble
    bench.port.fail(None)
    bench.output.send(B)
    assert bench.output.trouble == ""
    bench.suspend()
    for report in (A, RELEASED, B):
        bench.output.send(report)
    assert bench.output.trouble == "", "it may be slow"
    bench.loop.advance(PATIENCE)
    assert bench.output.trouble == ASLEEP


def test_what_was_discarded_is_not_held(bench: Bench) -> None:
    bench.suspend()
    for report in (A, B, C):
        bench.output.send(report)
    assert bench.released == []
    bench.loop.advance(PATIENCE)
    assert bench.released == [bench.loop.now]


def test_a_gadget_made_anew_without_a_word_costs_one_key_and_that_is_told(bench: Bench) -> None:
    """What else is held was pressed on another keyboard, as it were."""
    bench.port.rebuild()
    bench.hold(A)
    assert [count for count, _why in bench.lost] == [1]
    bench.loop.advance(0)
    bench.hold(B)
    assert bench.port.host[-1] == B
    assert A not in bench.port.host
    assert len(bench.lost) == 1
    assert list(bench.loop.readers) == [7]


def test_a_host_that_goes_while_it_sleeps_leaves_nothing_watched(bench: Bench) -> None:
    bench.suspend()
    for report in (A, B, C):
        bench.output.send(report)
    bench.port.fail(errno.ESHUTDOWN)
    assert bench.loop.readers == bench.loop.writers == {}
    bench.port.fail(None)
    bench.resume()
    bench.loop.advance(1.0)
    assert set(bench.port.host) == {RELEASED}


def test_what_is_held_when_the_host_goes_is_let_go_of_and_told(bench: Bench) -> None:
    bench.hold(A)
    bench.port.fail(errno.ESHUTDOWN)
    assert bench.state == RELEASED
    assert [count for count, _why in bench.lost] == [1]
    bench.port.fail(None)
    bench.loop.advance(1.0)
    assert set(bench.port.host[1:]) == {RELEASED}


def test_a_release_that_the_kernel_lost_is_sent_again(bench: Bench) -> None:
    """As when the host resets the device: its driver stays, and so does the key."""
    bench.hold(A)
    bench.suspend()
    bench.hold(RELEASED)
    bench.port.fail(errno.ESHUTDOWN)
    bench.port.fail(None)
    bench.loop.advance(1.0)
    assert bench.port.host[-1] == RELEASED
    assert bench.lost == [], "nothing was: a release is sent again"


@pytest.mark.parametrize("deaf", [0.01, 0.05])
def test_a_host_that_throws_away_what_it_takes_first_is_told_again(bench: Bench, deaf: float) -> None:
    bench.port.fail(errno.ESHUTDOWN)
    bench.state = B
    bench.released.clear()
    bench.port.fail(None)
    bench.port.heeded = bench.port.polled = False
    bench.loop.advance(1.0)
    bench.hold(B)
    bench.loop.advance(0.2)
    bench.port.wake()
    bench.loop.advance(deaf)
    assert bench.port.host == []
    bench.port.heeded = True
    bench.loop.advance(1.0)
    assert set(bench.port.host) == {B}


def test_what_was_pressed_long_before_the_host_listens_is_not_pressed_then(bench: Bench) -> None:
    """The kernel took it for a host that has set us up, and polls only minutes later."""
    bench.port.fail(errno.ESHUTDOWN)
    bench.port.fail(None)
    bench.port.heeded = bench.port.polled = False
    bench.hold(B)
    bench.loop.advance(60)
    assert bench.lost == []
    bench.hold(bytes([0, 0, 5, 6, 0, 0, 0, 0]))
    bench.loop.advance(0.2)
    bench.port.wake()
    bench.port.heeded = True
    bench.loop.advance(1.0)
    assert set(bench.port.host) == {RELEASED}
    assert [count for count, _why in bench.lost] == [1]


def test_what_is_said_again_keeps_what_is_held(bench: Bench) -> None:
    bench.port.fail(errno.ESHUTDOWN)
    bench.port.fail(None)
    bench.hold(A)
    bench.loop.advance(0.2)
    assert bench.port.host[0] == RELEASED
    assert set(bench.port.host[1:]) == {A}
    bench.loop.advance(10)
    bench.output.send(RELEASED)
    assert bench.port.host[-2:] == [A, RELEASED]


def test_a_host_that_goes_before_it_has_taken_anything_is_heard(bench: Bench) -> None:
    bench.port.fail(errno.ESHUTDOWN)
    bench.port.fail(None)
    bench.suspend()
    bench.hold(A)
    bench.port.fail(errno.ESHUTDOWN)
    assert bench.state == RELEASED
    assert bench.loop.readers == bench.loop.writers == {}


def test_a_node_that_is_nobodys_is_left_when_the_cable_says_so(bench: Bench) -> None:
    bench.suspend()
    for report in (RELEASED, RELEASED, A):
        bench.hold(report)
    bench.port.rebuild()
    bench.output.renew()
    assert set(bench.port.host) == {RELEASED}
    assert bench.lost == [(1, "the target has woken, or set up its USB devices again")]
    bench.hold(B)
    assert bench.port.host[-1] == B
    bench.output.renew()
    bench.loop.advance(1.0)
    assert bench.port.host[-1] == B, "that was seen already, and this is a new key"


def test_another_gadget_is_typed_on_as_soon_as_the_cable_says_that_the_target_is_ready(bench: Bench) -> None:
    bench.port.fail(errno.ESHUTDOWN)
    bench.loop.advance(1.5)
    bench.port.rebuild()
    bench.port.fail(None)
    bench.lost.clear()
    bench.output.renew()
    bench.hold(A)
    assert bench.port.host[-1] == A
    assert bench.lost == []


def test_a_node_that_is_nobodys_is_left_when_something_is_too_late(bench: Bench) -> None:
    """It is never writable again, and nobody says so."""
    bench.suspend()
    for report in (A, RELEASED, B):
        bench.hold(report)
    bench.port.rebuild()
    bench.loop.advance(PATIENCE)
    assert bench.lost == [(1, ASLEEP)]
    assert set(bench.port.host) == {RELEASED}
    bench.hold(C)
    assert bench.port.host[-1] == C


async def test_what_is_delivered_has_been_taken_by_the_host(bench: Bench) -> None:
    bench.suspend()
    first = asyncio.ensure_future(bench.output.deliver(A))
    await asyncio.sleep(0)
    assert bench.port.queued == [A]
    assert not first.done()
    bench.resume()
    await first
    bench.suspend()
    second = asyncio.ensure_future(bench.output.deliver(B))
    await asyncio.sleep(0)
    assert bench.port.queued == [B]
    bench.port.fail(errno.ESHUTDOWN)
    with pytest.raises(Undelivered, match="not set up"):
        await second
    assert len(bench.lost) == 1


def test_waiting_motion_is_replaced_but_not_across_a_button(bench: Bench) -> None:
    bench.port.depth = 0
    bench.suspend()
    for report in (b"\0a", b"\0b", b"\0c"):
        bench.output.send(report, newest)
    bench.output.send(b"\1c")
    for report in (b"\1d", b"\1e"):
        bench.output.send(report, newest)
    bench.resume()
    assert bench.port.host == [b"\0c", b"\1c", b"\1e"]


def test_waiting_steps_add_up_as_far_as_a_report_goes(bench: Bench) -> None:
    mouse = Mouse()
    bench.port.depth = 0
    bench.suspend()
    for step in ((100, -1), (27, -1), (1, 0), (0, 5)):
        bench.output.send(mouse.move(*step), total)
    bench.output.send(mouse.button("left", True))
    bench.output.send(mouse.move(1, 1), total)
    bench.resume()
    assert bench.port.host == [
        struct.pack("<Bbbbb", *report)
        for report in ((0, 127, -2, 0, 0), (0, 1, 5, 0, 0), (1, 0, 0, 0, 0), (1, 1, 1, 0, 0))
    ]


def test_lost_motion_is_nobodys_business(bench: Bench) -> None:
    bench.port.fail(errno.ESHUTDOWN)
    bench.output.send(b"\0a", newest)
    assert bench.lost == []


def test_leds_are_passed_on_until_the_host_turns_away_and_listening_survives_that(bench: Bench) -> None:
    bench.port.incoming = [b"\x01", b"\x03"]
    bench.loop.readers[7]()
    assert bench.received == [b"\x01", b"\x03"]
    bench.port.fail(errno.ESHUTDOWN)
    assert bench.received == [b"\x01", b"\x03", None]
    assert bench.loop.readers == {}
    bench.port.fail(None)
    bench.loop.advance(1.0)
    assert list(bench.loop.readers) == [7]


async def test_stop_releases_and_gives_everything_back(bench: Bench) -> None:
    bench.port.depth = 1
    bench.suspend()
    bench.hold(A)
    stopping = asyncio.ensure_future(bench.output.stop())
    await asyncio.sleep(0)
    assert not stopping.done(), "the host has the press, and not yet the release"
    bench.resume()
    await stopping
    assert bench.port.host[0] == A
    assert set(bench.port.host[1:]) == {RELEASED}
    assert bench.port.closed
    assert bench.loop.readers == bench.loop.writers == {}


@pytest.mark.parametrize("gone", [False, True])
async def test_stop_does_not_wait_for_a_host_that_takes_nothing(bench: Bench, gone: bool) -> None:
    bench.hold(A)
    if gone:
        bench.port.fail(errno.ESHUTDOWN)
    else:
        bench.suspend()
    stopping = asyncio.ensure_future(bench.output.stop())
    await asyncio.sleep(0)
    bench.loop.advance(PATIENCE)
    await stopping
    assert bench.state == RELEASED
    assert bench.loop.readers == bench.loop.writers == {}


async def test_on_a_real_loop_with_a_real_queue() -> None:
    """The simulated host's sockets: a host that sleeps for longer than the patience, then wakes up."""
    from app.sim.host import SimHost

    loop = asyncio.get_running_loop()
    taken: list[bytes] = []
    lost: asyncio.Queue[int] = asyncio.Queue()
    host = SimHost(loop, {"keyboard": taken.append})
    output = Output(
        host.port("keyboard"), loop, lambda: RELEASED, lambda: RELEASED, lost=lambda count, _why: lost.put_nowait(count)
    )
    host.plug()
    output.renew()
    host.suspend()
    for _ in range(50):
        output.send(A)
        output.send(RELEASED)
    assert await lost.get() > 0
    host.plug()
    async with asyncio.timeout(60):
        # A machine that stands still for long may have made it too late.
        while B not in taken:
            output.send(B)
            await asyncio.sleep(0.01)
    assert taken[taken.index(B) - 1] == RELEASED
    await output.stop()
    host.dispose()
