"""The mouse moves by itself only where nobody does."""

from __future__ import annotations

import asyncio

from app.hid.desk import Held
from app.hid.jiggler import PERIOD, Jiggler
from app.status import Jiggling
from tests.app.hid.test_desk import Bench


async def minutes(bench: Bench, count: int, *, active: bool) -> list[Jiggling]:
    """Let the jiggler live through some periods; what it published."""
    told: list[Jiggling] = []

    async def sleep(seconds: float) -> None:
        nonlocal count
        bench.loop.advance(seconds)
        count -= 1
        if count < 0:
            raise asyncio.CancelledError

    jiggler = Jiggler(bench.desk, told.append, sleep, active=active)
    try:
        await jiggler.run()
    except asyncio.CancelledError:
        return told
    raise AssertionError("it ended")


async def test_off_it_does_nothing() -> None:
    bench = Bench()
    assert await minutes(bench, 5, active=False) == [Jiggling(False)]
    assert bench.mouse.reports == []


async def test_on_it_moves_to_and_fro_and_control_stays_where_it_is() -> None:
    bench = Bench()
    assert await minutes(bench, 2, active=True) == [Jiggling(True)]
    assert [report[1] for report in bench.mouse.reports] == [1, 255, 1, 255]
    assert bench.desk.held == Held()
    assert bench.pointer.reports == []
    assert bench.desk.idle >= PERIOD, "it is not somebody"


async def test_where_somebody_types_points_or_pastes_it_does_nothing() -> None:
    bench = Bench()
    bench.desk.key("KeyA", True)
    await minutes(bench, 3, active=True)
    assert bench.mouse.reports == []
    bench.desk.release()
    bench.desk.pasting = True
    await minutes(bench, 3, active=True)
    assert bench.mouse.reports == []


async def test_it_waits_until_nobody_touched_anything_for_its_period() -> None:
    bench = Bench()
    bench.loop.advance(PERIOD)
    bench.desk.move(0, 0)
    bench.loop.advance(-0.5)
    await minutes(bench, 1, active=True)
    assert bench.mouse.reports == []
