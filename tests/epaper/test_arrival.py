"""A file that appears, seen through inotify on a real file system."""

from __future__ import annotations

import asyncio

import pytest

from epaper.arrival import Arrival

LONG = 60.0


async def appears(arrival: Arrival, *doings) -> bool:
    """Whether the wait ends early when these are done one after another, the wait already on."""
    waiting = asyncio.create_task(arrival.wait(LONG))
    await asyncio.sleep(0)
    for do in doings:
        do()
        await asyncio.sleep(0)
    return await waiting


async def test_the_file_itself(tmp_path):
    assert await appears(Arrival(tmp_path / "sock"), (tmp_path / "sock").touch)


async def test_a_file_renamed_to_it(tmp_path):
    (tmp_path / "draft").touch()
    assert await appears(Arrival(tmp_path / "sock"), lambda: (tmp_path / "draft").rename(tmp_path / "sock"))


async def test_a_folder_on_the_way(tmp_path):
    assert await appears(Arrival(tmp_path / "run" / "inkvm" / "sock"), (tmp_path / "run").mkdir)


async def test_its_mode_changes(tmp_path):
    (tmp_path / "sock").touch()
    assert await appears(Arrival(tmp_path / "sock"), lambda: (tmp_path / "sock").chmod(0o660))


async def test_others_do_not_count(tmp_path):
    waiting = asyncio.create_task(Arrival(tmp_path / "sock").wait(LONG))
    await asyncio.sleep(0)
    for name in ("a", "sock2", "soc"):
        (tmp_path / name).touch()
    done, _ = await asyncio.wait({waiting}, timeout=0.2)
    assert not done
    (tmp_path / "sock").touch()
    assert await waiting


async def test_nothing_happens(tmp_path):
    assert not await Arrival(tmp_path / "sock").wait(0.01)


async def test_the_same_one_waits_for_a_file_that_comes_and_goes(tmp_path):
    arrival = Arrival(tmp_path / "run" / "sock")
    for _ in range(2):
        assert await appears(arrival, (tmp_path / "run").mkdir)
        assert await appears(arrival, (tmp_path / "run" / "sock").touch)
        (tmp_path / "run" / "sock").unlink()
        (tmp_path / "run").rmdir()
    arrival.close()


async def test_a_cancelled_wait_can_be_followed_by_another(tmp_path):
    arrival = Arrival(tmp_path / "sock")
    waiting = asyncio.create_task(arrival.wait(LONG))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await appears(arrival, (tmp_path / "sock").touch)
    arrival.close()


async def test_without_a_watch_it_only_waits(tmp_path):
    arrival = Arrival(tmp_path / "sock")
    arrival.close()
    arrival._watch = -1
    (tmp_path / "sock").touch()
    assert not await arrival.wait(0.01)
