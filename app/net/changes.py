"""Changes of the network while it is in use: each is tried first, and kept only when it has proved itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.net.errors import NotDone
from app.net.manager import Manager
from app.net.observed import Link, Observed
from app.net.profiles import Addressing, BadNetwork, Settings, addressed, chosen, station
from app.net.trial import SECONDS, NoTrial, Trial, TrialRunning
from app.wifi import shown


class Changes:
    """What an administrator may change.

    Args:
        manager: NetworkManager; NoService when there is none now.
        observed: the last look at the network.
        clock: seconds, monotonic.
    """

    def __init__(
        self, manager: Callable[[], Manager], observed: Callable[[], Observed], clock: Callable[[], float]
    ) -> None:
        self._manager = manager
        self._observed = observed
        self._clock = clock
        self._trial: Trial | None = None
        self._one = asyncio.Lock()
        """Two changes at once would take each other's checkpoint for one that was left over."""

    @property
    def trial(self) -> tuple[Trial, float] | None:
        """The change that is being tried, and the seconds it has left."""
        now = self._clock()
        if self._trial is None or self._trial.left(now) == 0 or self._trial.failed(self._observed(), now):
            return None
        return self._trial, self._trial.left(now)

    async def join(self, ssid: bytes, passphrase: str, *, hidden: bool) -> Trial:
        """Try another Wi-Fi network. Raises BadNetwork, TrialRunning, NoService, NotDone."""
        wanted = station(ssid, passphrase, hidden=hidden)
        async with self._one:
            manager, observed = await self._free()
            wifi = observed.wifi
            if wifi is None:
                raise BadNetwork("this device has no Wi-Fi radio")
            known = observed.profile(ssid)
            before = await manager.whole(known) if known else None
            settings = chosen(wanted, before, observed.beside(known))
            return await self._try(manager, f"Wi-Fi network {shown(ssid)}", wifi, known, settings)

    async def address(self, name: str, addressing: Addressing) -> Trial:
        """Try other addresses on a link that is up. Raises BadNetwork, TrialRunning, NoService, NotDone."""
        async with self._one:
            manager, observed = await self._free()
            links = [link for link in observed.links if link.profile]
            link = next((link for link in links if link.name == name), None)
            if link is None:
                names = ", ".join(link.name for link in links)
                raise BadNetwork(f"link has value {name!r}, expected one that is up: {names or 'there is none'}")
            settings = addressed(await manager.whole(link.profile), addressing)
            return await self._try(manager, f"address {addressing.address or 'by DHCP'}", link, link.profile, settings)

    async def _free(self) -> tuple[Manager, Observed]:
        """Who makes a change, when nothing else is being tried, and what there is to change."""
        if self.trial is not None:
            raise TrialRunning(f"{self.trial[0].what} is being tried: keep it or take it back first")
        manager = self._manager()
        # Of a change that has failed, or of a daemon that died meanwhile: nobody can keep that any more.
        left = await manager.checkpoints()
        for checkpoint in left:
            await manager.roll_back(checkpoint)
        return manager, await manager.observe() if left else self._observed()

    async def _try(self, manager: Manager, what: str, link: Link, profile: str, settings: Settings) -> Trial:
        checkpoint = await manager.checkpoint(SECONDS)
        try:
            if profile:
                await manager.update(profile, settings)
            else:
                profile = await manager.add(settings)
            await manager.activate(profile, link.path)
        except NotDone:
            await manager.roll_back(checkpoint)
            raise
        self._trial = Trial(what, link.name, profile, checkpoint, self._clock())
        return self._trial

    async def keep(self, reached: str) -> None:
        """It works: `reached` is the address that the request came to. Raises NoTrial, NotFromThere, NoService, NotDone."""
        async with self._one:
            trial = self._running()
            manager = self._manager()
            trial.check(reached, await manager.observe())
            await manager.confirm(trial.checkpoint)
            self._trial = None
            try:
                await manager.keep(trial.profile)
            except NotDone as error:
                raise NotDone(error.name, f"{trial.what} is in use, but lost at the next start: {error}") from error

    async def take_back(self) -> None:
        """It does not. Raises NoTrial, NoService, NotDone."""
        async with self._one:
            trial = self._running()
            await self._manager().roll_back(trial.checkpoint)
            self._trial = None

    def _running(self) -> Trial:
        if self.trial is None:
            raise NoTrial("no change of the network is being tried: it has been kept or taken back")
        return self.trial[0]
