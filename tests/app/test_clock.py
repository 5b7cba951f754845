"""Whether the device knows what time it is, and who is told."""

from __future__ import annotations

import contextlib
from pathlib import Path

from app.clock import SYNCHRONISED, Clock
from app.options import arguments, clock
from app.status import Time


def test_before_the_network_has_said_it_nobody_knows(tmp_path: Path) -> None:
    device = Clock(tmp_path / "synchronised", lambda: 1_800_000_000.0, lambda: 12.0)
    assert (device.known, device.true(), device.wall(), device.uptime()) == (False, None, 1_800_000_000.0, 12.0)
    (tmp_path / "synchronised").touch()
    assert (device.known, device.true()) == (True, 1_800_000_000.0)


async def test_it_is_published_until_it_is_known_and_when_it_is_lost(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("app.clock._INTERVAL", 0)
    told: list[Time] = []

    class Enough(Exception):
        pass

    def publish(news: Time) -> None:
        told.append(news)
        if len(told) == 1:
            (tmp_path / "synchronised").touch()
        if len(told) == 2:
            (tmp_path / "synchronised").unlink()
        if len(told) == 3:
            raise Enough

    with contextlib.suppress(Enough):
        await Clock(tmp_path / "synchronised").follow(publish)
    assert [each.synchronised for each in told] == [False, True, False]


def test_a_board_asks_systemd_and_a_simulation_trusts_its_computer(tmp_path: Path) -> None:
    assert clock(arguments([]))._mark == SYNCHRONISED
    assert clock(arguments(["--simulate"])).known
    assert not clock(arguments(["--simulate", "--synchronised", str(tmp_path / "none")])).known
