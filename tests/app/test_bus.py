from __future__ import annotations

import asyncio

from app.bus import Bus
from app.status import Control, Device, Signal


async def test_readers_get_the_state_and_then_only_the_newest() -> None:
    bus = Bus(Device())
    changes = bus.changes()
    assert (await anext(changes)).signal == Signal()
    bus.publish(Signal("no_lock"))
    bus.publish(Signal("locked", 1, 2, 3.0))
    assert (await anext(changes)).signal == Signal("locked", 1, 2, 3.0)
    waiting = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    assert not waiting.done()
    bus.publish(Control("admin", 1))
    assert (await waiting).control == Control("admin", 1)
    await changes.aclose()


async def test_an_equal_part_is_no_change() -> None:
    bus = Bus(Device())
    changes = bus.changes()
    await anext(changes)
    bus.publish(Signal("no_lock"))
    await anext(changes)
    bus.publish(Signal("no_lock"))
    waiting = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


async def test_a_reader_that_left_is_forgotten() -> None:
    bus = Bus(Device())
    changes = bus.changes()
    await anext(changes)
    await changes.aclose()
    assert bus._readers == set()
