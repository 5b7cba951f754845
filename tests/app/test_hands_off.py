"""Letting go for a daemon that died, on the simulated cable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app import hands_off
from app.hid.keyboard import RELEASED
from app.hid.mouse import Pointer
from app.sim.host import SimHost

KEY_A = bytes([0, 0, 4, 0, 0, 0, 0, 0])


class Cable:
    """A host that notes what each function says."""

    def __init__(self) -> None:
        self.taken: dict[str, list[bytes]] = {name: [] for name in hands_off.REPORTS}
        self.host = SimHost(asyncio.get_running_loop(), {name: told.append for name, told in self.taken.items()})
        self.host.plug()

    def fill(self, name: str) -> None:
        """Press until the queue is full."""
        with suppress(BlockingIOError):
            while True:
                self.host.port(name).write(KEY_A)


@pytest.fixture
async def cable() -> Any:
    result = Cable()
    yield result
    result.host.dispose()


async def test_everything_goes_up_once_the_host_has_taken_what_was_pressed_last(cable: Cable) -> None:
    cable.fill("keyboard")
    await asyncio.to_thread(hands_off.let_go, cable.host.port, 60)
    await asyncio.sleep(0)
    assert cable.taken["keyboard"][0] == KEY_A
    assert cable.taken["keyboard"][-1] == RELEASED
    assert cable.taken["pointer"] == [Pointer().report()]
    assert cable.taken["mouse"] == [bytes(5)]
    assert cable.taken["media"] == [bytes([1, *bytes(8)]), bytes([2, 0])]


@pytest.mark.parametrize("fate", [SimHost.suspend, SimHost.unplug])
async def test_a_host_that_takes_nothing_is_given_up(cable: Cable, fate: Callable[[SimHost], None]) -> None:
    cable.host.suspend()
    cable.fill("keyboard")
    fate(cable.host)
    await asyncio.to_thread(hands_off.let_go, cable.host.port, 0.01)
    assert not any(cable.taken.values())


def test_an_orderly_stop_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go: list[Path] = []
    monkeypatch.setattr(hands_off, "let_go", let_go.append)
    assert hands_off.main({"SERVICE_RESULT": "success"}) == 0
    assert let_go == []
    assert hands_off.main({"SERVICE_RESULT": "watchdog"}) == 0
    assert len(let_go) == 1
