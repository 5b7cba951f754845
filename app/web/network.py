"""`/api/network`: how the device is connected, and changes of that, each tried before it is kept."""

from __future__ import annotations

from typing import Any

from app.net.observed import Link
from app.net.profiles import Addressing
from app.web import errors
from app.web.guard import Guarded
from app.web.join import choices
from app.wifi import shown


class _Network(Guarded):
    """For administrators."""

    role = "admin"

    def now(self) -> dict[str, Any]:
        """What is wrong, links, networks in the air, networks that are known, and the change that is being tried."""
        observed = self.services.network.observed
        return {
            "reason": self.services.bus.device.network.reason,
            "links": [_described(link) for link in observed.links],
            "air": [
                {
                    "ssid": choice.ssid,
                    "name": choice.name,
                    "strength": choice.strength,
                    "open": choice.open,
                    "obstacle": choice.obstacle,
                }
                for choice in choices(observed.air)
            ],
            "known": [
                {"ssid": profile.ssid.hex(), "name": shown(profile.ssid)} for profile in observed.known if profile.ssid
            ],
            "trial": self.trial(),
        }

    def trial(self) -> dict[str, Any] | None:
        """What is being tried, and for how many more seconds."""
        trial, renaming = self.services.changes.trial, self.services.renaming.trial
        if trial is not None:
            return {"what": trial[0].what, "seconds": round(trial[1])}
        return None if renaming is None else {"what": f"name {renaming[0]}", "seconds": round(renaming[1])}

    def text(self, name: str) -> str:
        """A string of the body, empty where it is missing. Raises BadRequest."""
        value = self.json().get(name, "")
        if not isinstance(value, str):
            raise errors.BadRequest(f"{name} is no string")  # without the value: it may be a passphrase
        return value


class State(_Network):
    """`/api/network`."""

    def get(self) -> None:
        """As of the last look."""
        self.services.network.manager()
        self.answer(self.now())


class Scan(_Network):
    """`/api/network/scan`."""

    async def post(self) -> None:
        """Listen to the air anew; what is heard is in the state some seconds later."""
        manager, wifi = self.services.network.manager(), self.services.network.observed.wifi
        if wifi is None:
            raise errors.Unavailable("this device has no Wi-Fi radio")
        await manager.scan(wifi.path)
        self.answer({})


class Joining(_Network):
    """`/api/network/join`."""

    async def post(self) -> None:
        """`ssid` in hexadecimal, `passphrase` (empty for none), and whether it is `hidden`: tried for 90 seconds."""
        try:
            ssid = bytes.fromhex(self.text("ssid"))
        except ValueError:
            raise errors.BadRequest(
                f"ssid has value {errors.shown(self.text('ssid'))}, expected hexadecimal digits"
            ) from None
        hidden = self.json().get("hidden", False) is True
        await self.services.changes.join(ssid, self.text("passphrase"), hidden=hidden)
        self.note("network tried", name=shown(ssid))
        self.answer({"trial": self.trial()})


class Address(_Network):
    """`/api/network/address`."""

    async def post(self) -> None:
        """`link`, and `address` with prefix length, `gateway` and `dns`, or none of them for DHCP: tried for 90 seconds."""
        dns = self.json().get("dns", [])
        if not isinstance(dns, list) or not all(isinstance(each, str) for each in dns):
            raise errors.BadRequest(f"dns has value {errors.shown(dns)}, expected a list of addresses")
        addressing = Addressing.checked(self.text("address"), self.text("gateway"), tuple(dns))
        await self.services.changes.address(self.text("link"), addressing)
        self.note("address tried", link=self.text("link"), wanted=addressing.address or "DHCP")
        self.answer({"trial": self.trial()})


class Name(_Network):
    """`/api/network/name`."""

    async def post(self) -> None:
        """`name`, without `.local`: tried for 90 seconds."""
        await self.services.renaming.rename(self.text("name"))
        self.note("name tried", name=self.text("name"))
        self.answer({"trial": self.trial()})


class Trying(_Network):
    """`/api/network/trial`."""

    async def put(self) -> None:
        """Keep what is tried: counts only when it is asked for at the new address, or under the new name."""
        if self.services.renaming.trial is not None:
            await self._keep_name()
        else:
            await self.services.changes.keep(self._reached())
        self.note("network kept", reached=self._reached())
        self.answer({})

    async def delete(self) -> None:
        """Take it back now."""
        tried = self.services.changes if self.services.renaming.trial is None else self.services.renaming
        await tried.take_back()
        self.note("network taken back")
        self.answer({})

    async def _keep_name(self) -> None:
        try:
            await self.services.renaming.keep(self.request.host.partition(":")[0])
        except OSError as error:
            raise errors.Unavailable(f"the name cannot be kept: {error.strerror}") from error

    def _reached(self) -> str:
        """The device's address that this request came to."""
        connection: Any = self.request.connection
        address = str(connection.stream.socket.getsockname()[0])
        return address.removeprefix("::ffff:")


def _described(link: Link) -> dict[str, Any]:
    return {
        "name": link.name,
        "wifi": link.wifi,
        "ssid": shown(link.ssid),
        "strength": link.strength,
        "addresses": list(link.addresses),
        "gateway": link.gateway,
    }
