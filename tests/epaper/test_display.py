"""The player of steps: waits for BUSY, wakes the controller when it has to, forgets what it cannot know."""

from __future__ import annotations

import asyncio

import pytest

from epaper import panel, v2, v3, v4
from epaper.display import Display
from epaper.port import PanelAbsent, PanelError, PanelStuck
from epaper.sim import SimulatedPanel
from epaper.sim_memory import Version

WHITE = b"\xff" * panel.FRAME_BYTES
STRIPES = b"\xaa" * panel.FRAME_BYTES


class Bench:
    """A display on a simulated panel, on a clock that sleeping moves."""

    def __init__(self, version: Version = "v4") -> None:
        self.now = 0.0
        self.connects = 0
        self.drawn: list[bytes] = []
        self.panel = SimulatedPanel(self.drawn.append, lambda: self.now, version)
        self.display = Display(self.connect, CONTROLLERS[version], lambda: self.now, self.sleep)

    def connect(self) -> SimulatedPanel:
        self.connects += 1
        return self.panel

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


CONTROLLERS: dict[Version, panel.Controller] = {"v2": v2, "v3": v3, "v4": v4}


@pytest.fixture(params=CONTROLLERS)
def bench(request) -> Bench:
    return Bench(request.param)


def test_full_then_partials_then_sleep_then_partial(bench):
    async def scenario():
        await bench.display.full(WHITE)
        await bench.display.partial(STRIPES)
        await bench.display.partial(WHITE)
        await bench.display.rest()
        assert bench.panel.asleep
        await bench.display.partial(STRIPES)
        assert not bench.panel.asleep

    asyncio.run(scenario())
    assert bench.drawn == [WHITE, STRIPES, WHITE, STRIPES]
    assert (bench.panel.full_refreshes, bench.panel.partials_in_row) == (1, 3)
    assert bench.connects == 1


def test_fast_picture_is_a_base_for_partials(bench):
    async def scenario():
        await bench.display.fast(WHITE)
        await bench.display.partial(STRIPES)

    asyncio.run(scenario())
    assert bench.panel.glass == STRIPES
    assert (bench.panel.full_refreshes, bench.panel.partials_in_row) == (1, 1)


def test_upside_down_is_upside_down(bench):
    """The address runs downwards on one version; the picture does not."""
    frame = bytes(range(16)) + bytes(panel.FRAME_BYTES - 16)
    asyncio.run(bench.display.full(frame))
    assert bench.drawn == [frame]


def test_partial_on_an_unknown_glass_is_full(bench):
    asyncio.run(bench.display.partial(STRIPES))
    assert (bench.panel.full_refreshes, bench.panel.partials_in_row) == (1, 0)


def test_last_picture_stays_on_a_panel_without_power(bench):
    async def scenario():
        await bench.display.full(STRIPES)
        await bench.display.leave(WHITE)

    asyncio.run(scenario())
    assert bench.panel.glass == WHITE
    assert bench.panel.full_refreshes == 2
    assert bench.panel.asleep
    asyncio.run(bench.display.full(STRIPES))
    assert bench.connects == 2


def test_stuck_panel_times_out(bench):
    bench.panel.stuck = True
    with pytest.raises(PanelStuck, match="BUSY stayed high for 10 s"):
        asyncio.run(bench.display.full(WHITE))
    assert 10 <= bench.now < 11


def test_stuck_in_a_partial_refresh_times_out_sooner(bench):
    async def scenario():
        await bench.display.full(WHITE)
        started = bench.now
        bench.drawn.clear()
        draw = bench.panel._drawn
        bench.panel._drawn = lambda frame: (draw(frame), setattr(bench.panel, "stuck", True))
        with pytest.raises(PanelStuck, match="for 3 s"):
            await bench.display.partial(STRIPES)
        assert 3 <= bench.now - started < 4

    asyncio.run(scenario())


def test_absent_panel_is_noticed(bench):
    bench.panel.absent = True
    with pytest.raises(PanelAbsent, match="BUSY never rose"):
        asyncio.run(bench.display.full(WHITE))


def test_busy_may_rise_a_little_after_its_command(bench):
    async def scenario():
        await bench.display.full(WHITE)
        await bench.display.partial(STRIPES)
        await bench.display.rest()
        await bench.display.partial(WHITE)
        await bench.display.fast(STRIPES)

    bench.panel.rise = 0.0009
    asyncio.run(scenario())
    assert bench.drawn == [WHITE, STRIPES, WHITE, STRIPES]


def test_a_refresh_may_be_seen_later_than_that():
    bench = Bench("v4")  # whose partial refresh is one command with BUSY after it
    asyncio.run(bench.display.full(WHITE))
    bench.panel.rise = 0.015
    asyncio.run(bench.display.partial(STRIPES))
    assert bench.panel.glass == STRIPES


def test_after_an_error_the_supply_was_off_for_a_moment(bench):
    supply = []
    power = bench.panel.power
    bench.panel.power = lambda on: (supply.append((on, bench.now)), power(on))
    bench.panel.stuck = True
    with pytest.raises(PanelStuck):
        asyncio.run(bench.display.full(WHITE))
    bench.panel.stuck = False
    asyncio.run(bench.display.full(STRIPES))
    (first, _), (off, since), (on, until) = supply
    assert (first, off, on) == (True, False, True)
    assert until - since == pytest.approx(0.1)
    asyncio.run(bench.display.leave(WHITE))
    asyncio.run(bench.display.full(STRIPES))
    assert [on for on, _ in supply[3:]] == [False, True], "no wait without an error"


def test_after_an_error_everything_starts_over(bench):
    async def scenario():
        await bench.display.full(WHITE)
        bench.panel.stuck = True
        with pytest.raises(PanelError):
            await bench.display.full(STRIPES)
        bench.panel.stuck = False
        await bench.display.partial(STRIPES)

    asyncio.run(scenario())
    assert bench.connects == 2
    assert bench.panel.full_refreshes == 2
    assert bench.panel.glass == STRIPES
