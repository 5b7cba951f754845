from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from app.bus import Bus
from app.net import renaming as module
from app.net.errors import NoService, NotDone
from app.net.names import Names
from app.net.profiles import BadNetwork
from app.net.renaming import Renaming
from app.net.trial import NotFromThere, NoTrial, TrialRunning
from app.status import Device, Network


class Town:
    """Calls the device as it is told, at once."""

    def __init__(self, folder: Path) -> None:
        self.bus = Bus(Device(network=Network(name="kvm.local")))
        self.called: list[str] = []
        self.on_lost = lambda: None
        self.refuses = False
        self.now = 0.0
        self.file = folder / "hostname"
        self.renaming = Renaming(cast(Names, self), self.bus, self.file, lambda: self.now)

    async def call(self, name: str) -> None:
        await asyncio.sleep(0)  # as an answer does, others get their turn
        self.called.append(name)
        if self.refuses:
            raise NotDone("org.freedesktop.Avahi.Refused", "no name")
        self.publish(f"{name}.local")

    def publish(self, name: str) -> None:
        self.bus.publish(replace(self.bus.device.network, name=name))


async def test_it_is_kept_by_who_asks_under_it(tmp_path: Path) -> None:
    town = Town(tmp_path)
    await town.renaming.rename("attic")
    assert town.renaming.trial == ("attic", 90.0)
    for host in ("kvm.local", "192.0.2.9", "attic"):
        with pytest.raises(NotFromThere, match=f"this one was to {host}"):
            await town.renaming.keep(host)
    assert not town.file.exists()
    await town.renaming.keep("Attic.local")
    assert town.file.read_text() == "attic\n"
    assert town.renaming.trial is None
    with pytest.raises(NoTrial):
        await town.renaming.take_back()
    assert town.called == ["attic"]


async def test_it_is_not_kept_under_the_old_name_before_the_new_one_is_there(tmp_path: Path) -> None:
    town = Town(tmp_path)
    await town.renaming.rename("attic")
    town.publish("kvm.local")
    with pytest.raises(NotFromThere):
        await town.renaming.keep("kvm.local")


async def test_after_a_conflict_it_is_kept_under_the_name_that_it_got(tmp_path: Path) -> None:
    town = Town(tmp_path)
    await town.renaming.rename("attic")
    town.publish("attic-2.local")
    await town.renaming.keep("attic-2.local")
    assert town.file.read_text() == "attic\n"


async def test_it_is_taken_back_by_itself_and_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town(tmp_path)
    await town.renaming.rename("attic")
    await town.renaming.take_back()
    assert town.called == ["attic", "kvm"]
    monkeypatch.setattr(module, "SECONDS", 0)
    await town.renaming.rename("cellar")
    async for device in town.bus.changes():
        if device.network.name == "kvm.local":
            break
    assert town.called == ["attic", "kvm", "cellar", "kvm"]
    assert town.renaming.trial is None


async def test_two_names_at_the_same_moment_are_one_and_a_refusal(tmp_path: Path) -> None:
    town = Town(tmp_path)
    _, second = await asyncio.gather(
        town.renaming.rename("attic"), town.renaming.rename("cellar"), return_exceptions=True
    )
    assert isinstance(second, TrialRunning)
    assert town.called == ["attic"]
    _, back = await asyncio.gather(town.renaming.keep("attic.local"), town.renaming.take_back(), return_exceptions=True)
    assert isinstance(back, NoTrial)
    assert town.called == ["attic"]
    assert town.file.read_text() == "attic\n"


async def test_a_name_that_cannot_be_taken_back_can_still_be_kept(tmp_path: Path) -> None:
    town = Town(tmp_path)
    await town.renaming.rename("attic")
    town.refuses = True
    with pytest.raises(NotDone):
        await town.renaming.take_back()
    await town.renaming.keep("attic.local")
    assert town.file.read_text() == "attic\n"


async def test_a_name_that_is_not_taken_back_in_time_is_said_and_no_reason_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    town = Town(tmp_path)
    monkeypatch.setattr(module, "SECONDS", 0)
    await town.renaming.rename("attic")
    town.refuses = True
    async with asyncio.timeout(10):
        while town.renaming.trial is not None:
            await asyncio.sleep(0)
    assert "stays until the next start: no name" in caplog.text


async def test_one_at_a_time_and_only_what_is_a_name(tmp_path: Path) -> None:
    town = Town(tmp_path)
    await town.renaming.rename("attic")
    with pytest.raises(TrialRunning, match="attic is being tried"):
        await town.renaming.rename("cellar")
    for name in ("", "-a", "a-", "a.b", "a b", "ä", "x" * 64):
        with pytest.raises(BadNetwork, match="expected letters, digits and hyphens"):
            await town.renaming.rename(name)
    town.on_lost()
    assert town.renaming.trial is None
    town.publish("")
    with pytest.raises(NoService):
        await town.renaming.rename("cellar")
    assert town.called == ["attic"]
