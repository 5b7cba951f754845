from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from app.net.invitation import Invitation
from app.net.manager import Manager
from app.net.observed import Observed, Profile
from app.net.profiles import Addressing, addressed, chosen, station
from app.net.setup import SetUp, Wish
from app.net.troubles import Troubles
from app.status import Hotspot
from tests.app.net.air import CABLE, WLAN, heard, joined, known, seen, trying
from tests.app.net.fake import FakeManager

OURS = replace(known("inkvm-4f2a"), own=True)
SHOP = known("shop")
FREE = ("release", WLAN.path)
PASSPHRASE = "correct horse"
SHOWN = Hotspot("inkvm-4f2a", "k7wqm2xd9pzr", "10.42.0.1")
GONE = Hotspot("", "", "")


class House:
    """One device, with nobody's network."""

    def __init__(self) -> None:
        self.now = 0.0
        self.claimed = False
        self.manager = FakeManager()
        self.troubles = Troubles()
        self.page: list[bool] = []
        self.panel: list[Hotspot] = []
        self.setup = SetUp(
            lambda: Invitation("inkvm-4f2a", "k7wqm2xd9pzr"),
            lambda: self.claimed,
            self.panel.append,
            self._page,
            lambda: self.now,
        )

    async def _page(self, setup: SetUp | None) -> None:
        self.page.append(setup is not None)

    async def look(self, observed: Observed, after: float = 0.0) -> list[tuple[object, ...]]:
        """Time passes, and this is seen; what NetworkManager is told."""
        self.now += after
        self.troubles.reason(observed, self.now)
        await self.setup.step(cast(Manager, self.manager), observed, self.troubles)
        return self.manager.done()

    async def opened(self, *air: Any) -> None:
        await self.look(seen(*air), 60.0)
        await self.look(seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS,)))
        assert (self.page, self.panel) == ([True], [SHOWN])


async def test_without_a_network_it_opens_and_says_so_when_it_is_there() -> None:
    house = House()
    assert await house.look(seen(), 9.0) == []
    assert await house.look(seen(), 1.0) == [("add", OURS.path), ("activate", OURS.path, WLAN.path)]
    assert await house.look(seen(links=(trying(OURS, 50),), profiles=(OURS,)), 2.0) == []
    assert (house.page, house.panel) == ([], [])
    await house.look(seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS,)), 2.0)
    assert (house.page, house.panel) == ([True], [SHOWN])


async def test_one_that_does_not_come_up_is_given_up_and_tried_again() -> None:
    house = House()
    await house.look(seen(), 10.0)
    assert await house.look(seen(links=(trying(OURS, 50),), profiles=(OURS,)), 30.0) == [("delete", OURS.path), FREE]
    assert await house.look(seen(), 60.0) == [("add", OURS.path), ("activate", OURS.path, WLAN.path)]


@pytest.mark.parametrize("claimed", [False, True])
async def test_one_of_an_earlier_life_goes_first(claimed: bool) -> None:
    house = House()
    house.claimed = claimed
    stale = seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS,))
    assert await house.look(stale, 10.0) == [("delete", OURS.path), FREE]
    opened = [("add", OURS.path), ("activate", OURS.path, WLAN.path)]
    assert await house.look(seen(), 10.0) == ([] if claimed else opened)


async def test_what_was_heard_before_is_what_there_is_to_choose_from() -> None:
    house = House()
    await house.opened(heard("shop"), heard("home"))
    await house.look(seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS,)))
    assert [point.ssid for point in house.setup.air] == [b"shop", b"home"]


async def test_a_network_is_joined_and_kept() -> None:
    house = House()
    await house.opened(heard("shop"))
    house.setup.wish(Wish(b"shop", PASSPHRASE, hidden=False))
    told = await house.look(seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS,)))
    assert told == [("delete", OURS.path), FREE, ("add", SHOP.path), ("activate", SHOP.path, WLAN.path)]
    assert (house.page[-1], house.panel[-1]) == (False, GONE)
    assert await house.look(seen(heard("shop"), links=(trying(SHOP, 70),), profiles=(SHOP,)), 5.0) == []
    done = seen(heard("shop"), links=(joined(SHOP, "192.0.2.9/24"),), profiles=(SHOP,))
    assert await house.look(done, 1.0) == [("keep", SHOP.path)]
    assert await house.look(done, 1000.0) == []


async def test_a_wrong_password_brings_it_back_at_once_with_the_reason() -> None:
    house = House()
    await house.opened(heard("shop"))
    house.setup.wish(Wish(b"shop", "not the horse", hidden=False))
    await house.look(seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS,)))
    house.troubles.failed(SHOP.path, 7)
    assert await house.look(seen(heard("shop"), profiles=(SHOP,)), 14.0) == [("delete", SHOP.path)]
    assert await house.look(seen(heard("shop"))) == [("add", OURS.path), ("activate", OURS.path, WLAN.path)]
    await house.look(seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS,)))
    assert house.panel[-1] == replace(SHOWN, reason="wrong password for shop")
    assert house.setup.reason == "wrong password for shop"


async def test_what_was_known_of_a_network_comes_back_when_the_new_does_not_work() -> None:
    house = House()
    fixed = Addressing("192.0.2.9/24")
    before = house.manager.profiles[SHOP.path] = addressed(station(b"shop", PASSPHRASE), fixed)
    await house.look(seen(profiles=(SHOP,)), 120.0)
    ours = seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS, SHOP))
    await house.look(ours)
    house.setup.wish(Wish(b"shop", "not the horse", hidden=False))
    told = await house.look(ours)
    tried = addressed(chosen(station(b"shop", "not the horse"), None, []), fixed)
    assert told[2:] == [("update", SHOP.path, tried), ("activate", SHOP.path, WLAN.path)]
    house.troubles.failed(SHOP.path, 7)
    assert await house.look(seen(heard("shop"), profiles=(SHOP,)), 14.0) == [("update", SHOP.path, before)]


async def test_a_network_has_a_minute() -> None:
    house = House()
    await house.opened(heard("shop"))
    house.setup.wish(Wish(b"shop", PASSPHRASE, hidden=False))
    await house.look(seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS,)))
    asking = seen(heard("shop"), links=(trying(SHOP, 70),), profiles=(SHOP,))
    assert await house.look(asking, 59.0) == []
    assert await house.look(asking, 1.0) == [("delete", SHOP.path)]
    assert house.setup.reason == "no address: shop gives none"


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("release", [("delete", OURS.path), FREE]),
        ("add", [("delete", OURS.path), FREE, ("add", SHOP.path)]),
        (
            "activate",
            [
                ("delete", OURS.path),
                FREE,
                ("add", SHOP.path),
                ("activate", SHOP.path, WLAN.path),
                ("delete", SHOP.path),
            ],
        ),
    ],
)
async def test_what_networkmanager_refuses_is_the_reason(step: str, told: list[tuple[object, ...]]) -> None:
    house = House()
    await house.opened(heard("shop"))
    house.manager.refuses.add(step)
    house.setup.wish(Wish(b"shop", PASSPHRASE, hidden=False))
    assert await house.look(seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS,))) == told
    house.manager.refuses.clear()
    assert await house.look(seen()) == [("add", OURS.path), ("activate", OURS.path, WLAN.path)]
    await house.look(seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS,)))
    assert house.panel[-1] == replace(SHOWN, reason=f"shop could not be tried: no {step}")


async def test_what_was_wrong_before_does_not_count_against_the_passphrase_that_is_right() -> None:
    """As on a card with a mistyped one: the device has tried it, and the owner corrects it on the page."""
    house = House()
    house.manager.profiles[SHOP.path] = station(b"shop", "not the horse")
    house.troubles.failed(SHOP.path, 7)
    for _ in range(2):
        await house.look(seen(heard("shop"), profiles=(SHOP,)), 60.0)
    ours = seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS, SHOP))
    await house.look(ours)
    house.setup.wish(Wish(b"shop", PASSPHRASE, hidden=False))
    assert (await house.look(ours))[-1] == ("activate", SHOP.path, WLAN.path)
    assert await house.look(seen(heard("shop"), links=(trying(SHOP, 50),), profiles=(SHOP,)), 1.0) == []
    done = seen(heard("shop"), links=(joined(SHOP, "192.0.2.9/24"),), profiles=(SHOP,))
    assert await house.look(done, 5.0) == [("keep", SHOP.path)]


async def test_what_was_known_comes_back_when_networkmanager_refuses() -> None:
    house = House()
    before = house.manager.profiles[SHOP.path] = station(b"shop", PASSPHRASE)
    await house.look(seen(profiles=(SHOP,)), 120.0)
    ours = seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS, SHOP))
    await house.look(ours)
    house.manager.refuses.add("activate")
    house.setup.wish(Wish(b"shop", "not the horse", hidden=False))
    assert (await house.look(ours))[-1] == ("update", SHOP.path, before)


async def test_what_is_wrong_with_the_network_that_is_known_is_on_panel_and_page() -> None:
    house = House()
    house.troubles.failed(SHOP.path, 7)
    for _ in range(2):
        await house.look(seen(heard("shop"), profiles=(SHOP,)), 60.0)
    ours = seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS, SHOP))
    await house.look(ours)
    assert house.panel == [replace(SHOWN, known="wrong password for shop")]
    assert (house.setup.reason, house.setup.known) == ("", "wrong password for shop")
    assert (await house.look(ours, 300.0))[0] == ("delete", OURS.path)
    for _ in range(2):
        await house.look(seen(profiles=(SHOP,)), 30.0)
    await house.look(ours)
    assert house.setup.known.startswith("shop not found"), "what holds now, not what did then"


async def test_a_reason_is_over_with_the_next_network() -> None:
    house = House()
    await house.opened(heard("shop"))
    house.setup.wish(Wish(b"shop", "not the horse", hidden=False))
    await house.look(seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS,)))
    house.troubles.failed(SHOP.path, 7)
    await house.look(seen(heard("shop"), profiles=(SHOP,)), 14.0)
    assert house.setup.reason == "wrong password for shop"
    cable = replace(CABLE, state=100, addresses=("192.0.2.9/24",), profile="/settings/wired")
    await house.look(seen(links=(WLAN, cable)))
    assert house.setup.reason == ""


async def test_a_wish_that_comes_when_the_access_point_has_gone_is_none() -> None:
    house = House()
    await house.opened(heard("shop"))
    cable = replace(CABLE, state=100, addresses=("192.0.2.9/24",), profile="/settings/wired")
    for late in (False, True):
        if not late:
            house.setup.wish(Wish(b"shop", PASSPHRASE, hidden=False))
        await house.look(seen())
        if late:
            house.setup.wish(Wish(b"shop", PASSPHRASE, hidden=False))
        await house.look(seen(links=(WLAN, cable)))
        assert not house.setup.busy


async def test_who_claims_the_device_on_the_way_still_gets_the_reason() -> None:
    """With the code from the cable: the password was mistyped on the access point's page."""
    house = House()
    await house.opened(heard("shop"))
    house.claimed = True
    house.setup.wish(Wish(b"shop", "not the horse", hidden=False))
    await house.look(seen(links=(joined(OURS, "10.42.0.1/24"),), profiles=(OURS,)))
    house.troubles.failed(SHOP.path, 7)
    await house.look(seen(heard("shop"), profiles=(SHOP,)), 14.0)
    assert await house.look(seen(heard("shop"))) == [("add", OURS.path), ("activate", OURS.path, WLAN.path)]


async def test_it_closes_for_a_cable_and_when_somebody_else_ends_it() -> None:
    house = House()
    await house.opened()
    cable = replace(
        WLAN,
        path="/device/2",
        name="eth0",
        wifi=False,
        state=100,
        addresses=("192.0.2.9/24",),
        profile="/settings/wired",
    )
    assert await house.look(seen(links=(joined(OURS, "10.42.0.1/24"), cable), profiles=(OURS,))) == [
        ("delete", OURS.path),
        FREE,
    ]
    assert house.page[-1] is False
    house = House()
    await house.opened()
    assert await house.look(seen()) == [("delete", OURS.path), FREE]
    assert house.panel[-1] == GONE
    assert await house.look(seen()) == [("add", OURS.path), ("activate", OURS.path, WLAN.path)]


async def test_a_service_that_was_lost_is_asked_anew() -> None:
    house = House()
    await house.opened()
    house.setup.forget()
    assert await house.look(seen(), 60.0) == [("add", OURS.path), ("activate", OURS.path, WLAN.path)]


async def test_a_claimed_device_opens_nothing() -> None:
    house = House()
    house.claimed = True
    assert await house.look(seen(), 10_000.0) == []


@pytest.mark.parametrize("profile", [SHOP, OURS])
async def test_a_profile_that_has_gone_already_is_no_reason_to_stop(profile: Profile) -> None:
    house = House()
    await house.opened(heard("shop"))
    house.manager.refuses.add("delete")
    house.setup.wish(Wish(b"shop", PASSPHRASE, hidden=False))
    told = await house.look(seen(links=(joined(profile, "10.42.0.1/24"),), profiles=(OURS,)))
    assert told[0] == ("delete", OURS.path)
