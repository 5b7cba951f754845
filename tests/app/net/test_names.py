"""The loop that follows avahi, with an avahi of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest

from app.bus import Bus
from app.net.dbus import Announcement, Conversation, Place
from app.net.names import NAME, Names
from app.status import Device

_GROUP = "/group/1"


class Avahi:
    """Publishes what it is given under the name that it has then, and remembers it."""

    def __init__(self) -> None:
        self.host = "inkvm-ab12"
        self.state = 2
        self.offered: list[tuple[str, str, str]] = []
        """Of each service: its name, its kind, and the host that it points at."""
        self.reading: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def listen(self, _service: str, heard: Any) -> None:
        self._heard = heard

    async def call(self, place: Place, method: str, _signature: str = "", *arguments: Any) -> tuple[Any, ...]:
        await asyncio.sleep(0)  # as an answer does, others get their turn
        answers = {
            "GetState": self.state, "GetHostName": self.host, "GetHostNameFqdn": f"{self.host}.local", "EntryGroupNew": _GROUP,
            "GetAlternativeServiceName": f"{arguments[0]} #2" if arguments else "",
        }  # fmt: skip
        if method == "SetHostName":
            (self.host,) = arguments
            self.say("Server", "StateChanged", 2)
        elif method == "AddService":
            self.offered.append((arguments[3], arguments[4], self.host))
        return (answers[method],) if method in answers else ()

    def say(self, interface: str, signal: str, state: int) -> None:
        path = _GROUP if interface == "EntryGroup" else "/"
        self._heard(Announcement(path, f"{NAME}.{interface}", signal, (state, "")))

    async def close(self) -> None:
        pass


class Street:
    """A device whose avahi is there."""

    def __init__(self, file: Path) -> None:
        self.bus = Bus(Device())
        self.names = Names(self.bus, "", file)
        self.avahi = Avahi()

    async def opened(self) -> Conversation:
        return cast(Conversation, self.avahi)

    async def offers(self, title: str, host: str) -> None:
        """All of it is by now, under that name and once, and that name is told."""
        await self.settled()
        assert self.bus.device.network.name == f"{host}.local"
        assert self.avahi.offered == [(title, kind, host) for kind in ("_https._tcp", "_pikvm._tcp")]
        self.avahi.offered.clear()

    async def settled(self) -> None:
        """Wait until everything has had its turn: none of it waits for anything else."""
        for _ in range(100):
            await asyncio.sleep(0)


@pytest.fixture
async def street(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Street]:
    street = Street(tmp_path / "hostname")
    monkeypatch.setattr(Conversation, "open", street.opened)
    running = asyncio.ensure_future(street.names.run())
    await street.offers("inkvm-ab12", "inkvm-ab12")
    yield street
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("name", ["inkvm", "inkvm-ab12-attic", "attic"])
async def test_another_name_of_the_device_is_where_everything_points(street: Street, name: str) -> None:
    await street.names.call(name)
    await street.offers(name, name)
    await street.names.call("inkvm-ab12")
    await street.offers("inkvm-ab12", "inkvm-ab12")


async def test_nothing_is_offered_twice_and_a_number_stays(street: Street) -> None:
    street.avahi.say("EntryGroup", "StateChanged", 3)
    await street.offers("inkvm-ab12 #2", "inkvm-ab12")
    for state in (1, 2):
        street.avahi.state = state
        street.avahi.say("Server", "StateChanged", state)
        await street.settled()
        assert street.bus.device.network.name == ("inkvm-ab12.local" if state == 2 else "")
    assert street.avahi.offered == []
    await street.names.call("inkvm")
    await street.offers("inkvm", "inkvm")


async def test_a_collision_while_the_name_is_not_settled_is_not_forgotten(street: Street) -> None:
    street.avahi.state = 1
    street.avahi.say("Server", "StateChanged", 1)
    street.avahi.say("EntryGroup", "StateChanged", 3)
    await street.settled()
    street.avahi.state = 2
    street.avahi.say("Server", "StateChanged", 2)
    await street.offers("inkvm-ab12 #2", "inkvm-ab12")
