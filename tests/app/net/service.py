"""NetworkManager at the other end of a conversation: one radio, and the networks that it knows."""

from __future__ import annotations

import asyncio
from typing import Any

from app.net.dbus import Announcement, Place
from app.net.errors import NoService
from app.net.observed import DISCONNECTED, NAME

PATH = f"/{NAME.replace('.', '/')}"
RADIO = f"{PATH}/Devices/1"
HEARD = f"{PATH}/AccessPoint/"


def profile(name: str) -> str:
    """The path of the network of that name."""
    return f"{PATH}/Settings/{name}"


class NetworkManager:
    """Hears of nothing and does nothing by itself: a test says what there is."""

    def __init__(self, *names: str) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.settings = {profile(name): _settings(name) for name in names}
        self._air = names
        self._active, self._state, self._address = "", DISCONNECTED, ""
        self._heard: Any = None
        self.reading: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def at(self, state: int, name: str = "", address: str = "") -> None:
        """The radio is in that state with that network."""
        self._state, self._active, self._address = state, name, address
        self.says(f"{NAME}.Device", "PropertiesChanged")

    def fails(self, reason: int) -> None:
        """What the radio is at comes to nothing, and is over by the time that anybody looks."""
        self._state, self._active, self._address = DISCONNECTED, "", ""
        self.says(f"{NAME}.Device", "StateChanged", 120, 50, reason)

    def says(self, interface: str, name: str, *body: Any) -> None:
        if self._heard is not None:
            self._heard(Announcement(RADIO, interface, name, body))

    def goes(self) -> None:
        """The bus has lost it."""
        self.reading.set_exception(NoService("the message bus has gone"))

    def done(self, method: str) -> list[tuple[Any, ...]]:
        """The arguments of every such call."""
        return [each[1:] for each in self.told if each[0] == method]

    async def call(self, place: Place, method: str, _signature: str = "", *arguments: Any) -> tuple[Any, ...]:
        await asyncio.sleep(0)
        self.told.append((method, *arguments))
        answers: dict[str, Any] = {
            "GetManagedObjects": self._objects,
            "GetSettings": lambda: self.settings[place.path],
            "ActivateConnection": lambda: f"{PATH}/ActiveConnection/2",
        }
        return (answers[method](),) if method in answers else ()

    async def listen(self, _service: str, heard: Any) -> None:
        self._heard = heard

    async def close(self) -> None:
        self.reading.cancel()

    def _objects(self) -> dict[str, Any]:
        active = f"{PATH}/ActiveConnection/1" if self._active else "/"
        point = f"{HEARD}{self._active}" if self._active else "/"
        data = [{"address": ("s", self._address), "prefix": ("u", 24)}] if self._address else []
        device = {
            "DeviceType": ("u", 2), "Interface": ("s", "wlan0"), "State": ("u", self._state), "ActiveConnection": ("o", active),
            "Ip4Config": ("o", f"{PATH}/IP4Config/1"), "Ip6Config": ("o", "/"),
        }  # fmt: skip
        radio = {"Mode": ("u", 2), "ActiveAccessPoint": ("o", point), "LastScan": ("x", 1)}
        gateway = ("s", "192.0.2.1" if self._address else "")
        return {
            RADIO: {f"{NAME}.Device": device, f"{NAME}.Device.Wireless": radio},
            f"{PATH}/IP4Config/1": {f"{NAME}.IP4Config": {"AddressData": ("aa{sv}", data), "Gateway": gateway}},
            f"{PATH}/ActiveConnection/1": {f"{NAME}.Connection.Active": {"Connection": ("o", profile(self._active))}},
            **{f"{HEARD}{name}": {f"{NAME}.AccessPoint": _point(name)} for name in self._air},
            **{path: {f"{NAME}.Settings.Connection": {}} for path in self.settings},
        }


def _settings(name: str) -> dict[str, dict[str, tuple[str, Any]]]:
    return {
        "connection": {"id": ("s", name), "uuid": ("s", name), "type": ("s", "802-11-wireless")},
        "802-11-wireless": {"ssid": ("ay", name.encode())},
    }


def _point(name: str) -> dict[str, tuple[str, Any]]:
    return {
        "Ssid": ("ay", name.encode()), "Strength": ("y", 60), "Frequency": ("u", 2412), "Mode": ("u", 2),
        "Flags": ("u", 1), "WpaFlags": ("u", 0), "RsnFlags": ("u", 0x100),
    }  # fmt: skip
