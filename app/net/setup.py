"""The device's own access point: opens and closes it, and joins the network that is chosen on its page."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from app.net.errors import NotDone
from app.net.hotspot import Hotspot, Situation
from app.net.invitation import Invitation
from app.net.manager import Manager
from app.net.observed import ACTIVATED, AccessPoint, Observed
from app.net.profiles import AP_ADDRESS, Settings, chosen, hotspot, station
from app.net.troubles import Troubles
from app.status import Hotspot as Shown
from app.wifi import shown

_PATIENCE = 60.0
"""Seconds that a network may take to be joined: by then one that gives no address has shown it."""
_UP = 30.0
"""Seconds that our own access point may take."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The network that somebody wants the device to join."""

    ssid: bytes
    passphrase: str
    hidden: bool

    def settings(self) -> Settings:
        """The connection that it makes. Raises BadNetwork."""
        return station(self.ssid, self.passphrase, hidden=self.hidden)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A network that is being joined."""

    profile: str
    before: Settings | None
    """What the device knew of it until then; None if nothing."""


class SetUp:
    """One step after every look at the network.

    Args:
        invitation: name and passphrase of the access point; raises OSError.
        claimed: whether the device has an owner.
        publish: tells the panel.
        page: opens the page for this, or with None closes it; raises OSError.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        invitation: Callable[[], Invitation],
        claimed: Callable[[], bool],
        publish: Callable[[Shown], None],
        page: Callable[[SetUp | None], Awaitable[None]],
        clock: Callable[[], float],
    ) -> None:
        self._invitation = invitation
        self._claimed = claimed
        self._publish = publish
        self._page = page
        self._clock = clock
        self._policy = Hotspot(clock())
        self._phase: Literal["closed", "opening", "open", "joining"] = "closed"
        self._since = clock()
        self._profile = ""
        self._wish: Wish | None = None
        self._attempt = Attempt("", None)
        self.act: Callable[[], None] = lambda: None
        """Asks for a step, now."""
        self.reason = ""
        """Why the last network could not be joined."""
        self.known = ""
        """Why none of those that are known is joined, as of when the access point opened."""
        self.air: tuple[AccessPoint, ...] = ()
        """What was heard before the access point opened: the radio cannot do both."""

    @property
    def busy(self) -> bool:
        """Whether something is under way that has to be looked after."""
        return self._phase in {"opening", "joining"} or self._wish is not None

    def visited(self) -> None:
        """Somebody looks at the page."""
        self._policy.visited(self._clock())

    def wish(self, wish: Wish) -> None:
        """Try it: the access point goes down for it. Once it is down for another reason, the wish has come too late."""
        if self._phase == "open":
            self._wish = wish
            self.act()

    def forget(self) -> None:
        """NetworkManager has gone, and the access point with it."""
        self._phase, self._profile, self._wish = "closed", "", None
        self._policy.closed(self._clock(), soon=False)

    async def step(self, manager: Manager, observed: Observed, troubles: Troubles) -> None:
        """Do what is due. Raises NoService, NotDone, OSError."""
        if self._phase == "closed":
            self.air = observed.air
        stale = [profile.path for profile in observed.profiles if profile.own and self._phase in {"closed", "joining"}]
        if stale:
            for path in stale:  # of a daemon of before, whose page has gone with it
                await manager.delete(path)
            await self._release(manager, observed)
        elif self._phase == "joining":
            await self._follow(manager, observed, troubles)
        elif self._phase == "opening":
            await self._opening(manager, observed)
        elif self._phase == "open" and (observed.wifi is None or observed.wifi.profile != self._profile):
            await self._close(manager, observed, soon=True)  # somebody else has ended it
        elif self._phase == "open" and self._wish is not None:
            await self._try(manager, self._wish, observed, troubles)
        else:
            situation = self._situation(observed)
            due = self._policy.step(situation, self._clock())
            if situation.networked:
                self.reason = ""
            if due == "open":
                self.known = troubles.words if observed.known else ""
                await self._open(manager, observed)
            elif due == "close":
                await self._close(manager, observed, soon=False)

    def _situation(self, observed: Observed) -> Situation:
        links = [link for link in observed.links if link.state == ACTIVATED and link.addresses]
        wifi = observed.wifi
        return Situation(
            claimed=self._claimed(),
            networked=any(link.profile != self._profile for link in links),
            known=bool(observed.known),
            able=wifi is not None and observed.radio and wifi.scanned,
        )

    def _enter(self, phase: Literal["closed", "opening", "open", "joining"]) -> None:
        self._phase, self._since = phase, self._clock()

    async def _open(self, manager: Manager, observed: Observed) -> None:
        assert observed.wifi is not None
        invitation = self._invitation()
        self._profile = await manager.add(hotspot(invitation.ssid, invitation.passphrase))
        self._enter("opening")
        await manager.activate(self._profile, observed.wifi.path)

    async def _opening(self, manager: Manager, observed: Observed) -> None:
        wifi = observed.wifi
        if wifi is not None and wifi.profile == self._profile and wifi.state == ACTIVATED:
            await self._page(self)
            self._policy.opened(self._clock())
            self._enter("open")
            invitation = self._invitation()
            self._publish(Shown(invitation.ssid, invitation.passphrase, AP_ADDRESS, self.reason, self.known))
        elif self._clock() - self._since >= _UP:
            logging.getLogger(__name__).warning("the access point for the set-up does not come up")
            await self._close(manager, observed, soon=False)

    async def _close(self, manager: Manager, observed: Observed, *, soon: bool) -> None:
        self._enter("closed")
        self._wish, self.reason = None, ""
        self._policy.closed(self._clock(), soon=soon)
        await self._page(None)
        self._publish(Shown("", "", ""))
        profile, self._profile = self._profile, ""
        with suppress(NotDone):  # it has gone already
            await manager.delete(profile)
        await self._release(manager, observed)

    async def _release(self, manager: Manager, observed: Observed) -> None:
        if observed.wifi is not None:
            await manager.release(observed.wifi.path)

    async def _try(self, manager: Manager, wish: Wish, observed: Observed, troubles: Troubles) -> None:
        self._wish, self._attempt = None, Attempt("", None)
        try:
            await self._close(manager, observed, soon=True)
            assert observed.wifi is not None
            known = observed.profile(wish.ssid)
            before = await manager.whole(known) if known else None
            settings = chosen(wish.settings(), before, observed.beside(known))
            if known:
                await manager.update(known, settings)
            self._attempt = Attempt(known or await manager.add(settings), before)
            troubles.anew(self._attempt.profile)
            self._enter("joining")
            await manager.activate(self._attempt.profile, observed.wifi.path)
        except NotDone as error:
            await self._give_up(manager, f"{shown(wish.ssid)} could not be tried: {error}")

    async def _follow(self, manager: Manager, observed: Observed, troubles: Troubles) -> None:
        profile, wifi, now = self._attempt.profile, observed.wifi, self._clock()
        if wifi is not None and wifi.profile == profile and wifi.state == ACTIVATED and wifi.addresses:
            await manager.keep(profile)
            self._enter("closed")
            self._policy.closed(now, soon=False)
        elif troubles.has_failed(profile) or now - self._since >= _PATIENCE:
            await self._give_up(manager, troubles.why(profile, observed, now))

    async def _give_up(self, manager: Manager, reason: str) -> None:
        """The access point is to come back, with the reason, and the networks are as they were."""
        self.reason = reason
        self._enter("closed")
        self._policy.failed(self._clock())
        if self._attempt.before is not None:
            await manager.update(self._attempt.profile, self._attempt.before)
        elif self._attempt.profile:
            await manager.delete(self._attempt.profile)
