from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import cast

import pytest

from app.net.changes import Changes
from app.net.errors import NotDone
from app.net.manager import Manager
from app.net.observed import Observed
from app.net.profiles import Addressing, BadNetwork, addressed, chosen, station
from app.net.trial import NotFromThere, NoTrial, TrialRunning
from tests.app.net.air import CABLE, WLAN, joined, known, seen
from tests.app.net.fake import FakeManager

HOME = known("home")
PASSPHRASE = "correct horse"
FIXED = Addressing("192.0.2.9/24", "192.0.2.1")


class House(FakeManager):
    """A device on its network."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.observed = seen(links=(joined(HOME, "192.0.2.50/24"), CABLE), profiles=(HOME,))
        self.profiles[HOME.path] = station(b"home", PASSPHRASE)
        self.changes = Changes(lambda: cast(Manager, self), lambda: self.observed, lambda: self.now)

    async def observe(self) -> Observed:
        return self.observed


async def test_an_address_is_tried_under_a_checkpoint_and_kept_from_there_alone() -> None:
    house = House()
    await house.changes.address("wlan0", FIXED)
    assert house.done() == [
        ("checkpoint", 90),
        ("update", HOME.path, addressed(station(b"home", PASSPHRASE), FIXED)),
        ("activate", HOME.path, WLAN.path),
    ]
    with pytest.raises(NotFromThere):
        await house.changes.keep("192.0.2.9")
    house.observed = seen(links=(joined(HOME, "192.0.2.9/24"),), profiles=(HOME,))
    with pytest.raises(NotFromThere):
        await house.changes.keep("192.0.2.50")
    assert house.done() == []
    await house.changes.keep("192.0.2.9")
    assert house.done() == [("confirm", "/checkpoint/1"), ("keep", HOME.path)]
    assert house.changes.trial is None


async def test_another_network_is_tried_as_a_new_profile_and_a_known_one_as_its_own() -> None:
    house = House()
    await house.changes.join(b"shop", PASSPHRASE, hidden=False)
    assert house.done() == [("checkpoint", 90), ("add", "/settings/shop"), ("activate", "/settings/shop", WLAN.path)]
    house = House()
    house.profiles[HOME.path] = addressed(station(b"home", PASSPHRASE), FIXED)
    await house.changes.join(b"home", "another horse", hidden=True)
    settings = addressed(chosen(station(b"home", "another horse", hidden=True), None, []), FIXED)
    assert house.done() == [("checkpoint", 90), ("update", HOME.path, settings), ("activate", HOME.path, WLAN.path)]


async def test_a_network_that_is_chosen_is_preferred_to_those_of_the_card() -> None:
    house = House()
    card = replace(HOME, priority=100)
    house.observed = seen(links=(joined(card, "192.0.2.50/24"), CABLE), profiles=(card,))
    await house.changes.join(b"shop", PASSPHRASE, hidden=False)
    assert house.profiles["/settings/shop"]["connection"]["autoconnect-priority"] == ("i", 101)


async def test_two_changes_at_the_same_moment_are_one_and_a_refusal() -> None:
    house = House()
    first, second = await asyncio.gather(
        house.changes.address("wlan0", FIXED),
        house.changes.join(b"shop", PASSPHRASE, hidden=False),
        return_exceptions=True,
    )
    assert isinstance(second, TrialRunning)
    assert house.changes.trial == (first, 90.0)
    assert [what[0] for what in house.done()] == ["checkpoint", "update", "activate"]
    kept, again = await asyncio.gather(house.changes.take_back(), house.changes.take_back(), return_exceptions=True)
    assert kept is None
    assert isinstance(again, NoTrial)
    assert house.done() == [("roll back", "/checkpoint/1")]


async def test_a_change_that_works_and_cannot_be_stored_is_said() -> None:
    house = House()
    await house.changes.address("wlan0", FIXED)
    house.observed = seen(links=(joined(HOME, "192.0.2.9/24"),), profiles=(HOME,))
    house.refuses.add("keep")
    with pytest.raises(NotDone, match="address 192.0.2.9/24 is in use, but lost at the next start: no keep"):
        await house.changes.keep("192.0.2.9")
    assert house.changes.trial is None


async def test_one_at_a_time_and_over_after_90_seconds() -> None:
    house = House()
    trial = await house.changes.address("wlan0", FIXED)
    with pytest.raises(TrialRunning, match="address 192.0.2.9/24 is being tried"):
        await house.changes.join(b"shop", PASSPHRASE, hidden=False)
    house.now = 89.0
    assert house.changes.trial == (trial, 1.0)
    house.now = 90.0
    assert house.changes.trial is None
    with pytest.raises(NoTrial):
        await house.changes.keep("192.0.2.9")
    await house.changes.address("wlan0", FIXED)


async def test_what_a_daemon_that_died_was_trying_is_taken_back_before_another_change() -> None:
    house = House()
    house.open = ["/checkpoint/9"]
    await house.changes.join(b"shop", PASSPHRASE, hidden=False)
    assert house.done()[:2] == [("roll back", "/checkpoint/9"), ("checkpoint", 90)]


async def test_a_network_that_could_not_be_joined_is_not_tried_any_more_and_the_next_one_is() -> None:
    house = House()
    await house.changes.join(b"shop", PASSPHRASE, hidden=False)
    assert house.changes.trial is not None, "the network of before is seen for a moment longer"
    house.observed = seen(links=(WLAN, CABLE), profiles=(HOME,))
    house.now = 30.0
    assert house.changes.trial is not None
    house.observed = seen(links=(joined(HOME, "192.0.2.50/24"), CABLE), profiles=(HOME,))
    assert house.changes.trial is None
    house.done()
    await house.changes.join(b"shop", "correct stable", hidden=False)
    assert house.done()[:2] == [("roll back", "/checkpoint/1"), ("checkpoint", 90)]


async def test_it_can_be_taken_back_at_once() -> None:
    house = House()
    await house.changes.address("wlan0", FIXED)
    house.done()
    await house.changes.take_back()
    assert house.done() == [("roll back", "/checkpoint/1")]
    with pytest.raises(NoTrial):
        await house.changes.take_back()


@pytest.mark.parametrize("step", ["update", "activate"])
async def test_what_networkmanager_refuses_leaves_nothing_behind(step: str) -> None:
    house = House()
    house.refuses.add(step)
    with pytest.raises(NotDone, match=f"no {step}"):
        await house.changes.address("wlan0", FIXED)
    assert house.done()[-1] == ("roll back", "/checkpoint/1")
    assert house.changes.trial is None


async def test_what_is_not_there_cannot_be_changed() -> None:
    house = House()
    with pytest.raises(BadNetwork, match="link has value 'eth0', expected one that is up: wlan0"):
        await house.changes.address("eth0", FIXED)
    house.observed = seen(links=(CABLE,))
    with pytest.raises(BadNetwork, match="expected one that is up: there is none"):
        await house.changes.address("eth0", FIXED)
    with pytest.raises(BadNetwork, match="no Wi-Fi radio"):
        await house.changes.join(b"shop", PASSPHRASE, hidden=False)
    assert house.done() == []
