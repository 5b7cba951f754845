"""The loop that follows the network, with a NetworkManager of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest

from app.bus import Bus
from app.net import dbus, keeper
from app.net.dbus import Conversation
from app.net.errors import NoService
from app.net.invitation import Invitation
from app.net.keeper import Keeper
from app.net.observed import ACTIVATED
from app.net.setup import SetUp
from app.status import Device, Network
from tests.app.net.service import RADIO, NetworkManager, profile


async def _no_page(_setup: SetUp | None) -> None:
    pass


class House:
    """A device of somebody's, which knows two networks; its clock stands still unless a test moves it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.bus = Bus(Device())
        self.services = [NetworkManager("home", "shop"), NetworkManager("home", "shop")]
        setup = SetUp(lambda: Invitation("a", "b"), lambda: True, self.bus.publish, _no_page, lambda: self.now)
        self.keeper = Keeper(self.bus, setup, lambda: self.now, "nobody answers")
        self._coming = iter(self.services)
        monkeypatch.setattr(Conversation, "open", self._open)
        for module, name in ((dbus, "_AGAIN"), (keeper, "_SETTLE"), (keeper, "_LOOK")):
            monkeypatch.setattr(module, name, 0)

    async def _open(self) -> NetworkManager:
        return next(self._coming)

    async def shows(self, true: Callable[[Network], object]) -> Network:
        async with asyncio.timeout(30):
            async for device in self.bus.changes():
                if true(device.network):
                    return device.network
        raise AssertionError

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not true():
                await asyncio.sleep(0)


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    result = House(monkeypatch)
    running = asyncio.ensure_future(result.keeper.run())
    yield result
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_it_tells_what_the_device_is_on_and_why_it_is_on_nothing(house: House) -> None:
    (service, _) = house.services
    await house.shows(lambda shown: shown.reason == "joining home")
    service.at(ACTIVATED, "home", "192.0.2.9")
    shown = await house.shows(lambda shown: shown.wifi)
    assert (shown.wifi, shown.strength, shown.reason) == ("home", 60, "")
    service.fails(7)
    shown = await house.shows(lambda shown: not shown.wifi)
    assert (shown.strength, shown.reason) == (None, "wrong password for home")


async def test_what_has_refused_is_tried_again_after_half_a_minute(house: House) -> None:
    (service, _) = house.services
    service.at(60, "home")
    await house.shows(lambda shown: shown.reason)
    service.fails(7)
    await house.shows(lambda shown: shown.reason == "wrong password for home")
    looks = len(service.done("GetManagedObjects"))
    await house.until(lambda: len(service.done("GetManagedObjects")) > looks + 2)
    assert service.done("ActivateConnection") == []
    house.now = 30.0
    await house.until(lambda: service.done("ActivateConnection"))
    assert service.done("ActivateConnection") == [(profile("home"), RADIO, "/")]


async def test_a_networkmanager_that_goes_is_said_and_the_next_one_followed(house: House) -> None:
    first, second = house.services
    with pytest.raises(NoService, match="nobody answers"):
        house.keeper.manager()
    first.at(ACTIVATED, "home", "192.0.2.9")
    await house.shows(lambda shown: shown.wifi == "home")
    second.at(ACTIVATED, "shop", "192.0.2.9")
    house.keeper.manager()
    seen = []

    async def follow() -> None:
        async for device in house.bus.changes():
            seen.append((device.network.wifi, device.network.reason))
            if device.network.wifi == "shop":
                return

    following = asyncio.ensure_future(follow())
    await asyncio.sleep(0)
    first.goes()
    await asyncio.wait_for(following, 30)
    assert ("", "nobody answers: the message bus has gone") in seen
    assert house.keeper.observed.known[0].ssid == b"home"
