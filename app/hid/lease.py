"""Who may type. Theory of operation:

1. At most one client holds the lease. Its number is the lease; its account's name is for people to read.
2. Nobody holds it: the first input event of any client takes it.
3. Somebody holds it: input of another client is refused. That client may ask, and the holder may grant; or it takes the lease
   over, and everybody is told.
4. A press is only as good as the last sign of life of who pressed. Each sign says until when it is good: half a second for a
   page, which repeats what it holds every 250 ms; five seconds after a pong for a client that only answers pings. When that
   time lapses everything is released, what a script pressed beside its owner's page included: it does not stretch the page's
   time. The client keeps the lease: it may press again, a sign of life alone presses nothing.
5. Whenever the lease leaves a client (it gave it back, granted it, lost it, or its connection ended) everything it held is
   released before anyone else can press.
6. A client that joins or leaves without holding the lease changes nothing.

So a network that stalls costs at most a key that goes up too early (the client is told, and counts), never one that sticks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.status import Control


class Refused(Exception):
    """Another client has control."""

    def __init__(self, holder: Control) -> None:
        super().__init__(f"{holder.holder} (client {holder.client}) has control")


class NotAsked(Exception):
    """Control cannot be granted to who has not asked for it, or is gone."""

    def __init__(self, client: int) -> None:
        super().__init__(f"client {client} does not ask for control")


class Lease:
    """The one permission to type.

    Args:
        release: lets go of every key and button; says whether anything was held.
        changed: told the new holder.
        lapsed: told the client whose keys were released for want of a sign of life.
        loop: for its clock and timer.
    """

    def __init__(
        self,
        release: Callable[[], bool],
        changed: Callable[[Control], None],
        lapsed: Callable[[int], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._release = release
        self._changed = changed
        self._lapsed = lapsed
        self._loop = loop
        self._holder = Control()
        self._asking: dict[int, str] = {}
        """Who wants control: client to account's name."""
        self._until = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def holder(self) -> Control:
        """Who has control."""
        return self._holder

    def admit(self, client: int, user: str) -> None:
        """An input event of this client arrived: it may act when this returns. Raises Refused."""
        if self._holder.client is None:
            self._pass_to(Control(user, client))
        elif self._holder.client != client:
            raise Refused(self._holder)

    def holds(self, client: int) -> bool:
        """Whether this client has control."""
        return self._holder.client == client

    def alive(self, client: int, until: float, *, beside: bool = False) -> None:
        """A sign of life: what this client holds may be held until that time of the loop's clock.

        `beside`: it comes from somebody who acts beside the client itself, and does not stretch what that has promised.
        """
        if self._holder.client != client:
            return
        if beside and self._loop.time() < self._until:
            until = min(until, self._until)
        self._until = until
        if self._timer is None or self._timer.when() > until:
            self._watch()

    def take(self, client: int, user: str) -> None:
        """Take control, from whoever has it."""
        if self._holder.client != client:
            self._pass_to(Control(user, client))

    def ask(self, client: int, user: str) -> int | None:
        """Ask the holder, who is returned; None when control was to be had, or is this client's already."""
        if self._holder.client is None:
            self.take(client, user)
        if self._holder.client == client:
            return None
        self._asking[client] = user
        return self._holder.client

    def grant(self, client: int, to: int) -> None:
        """The holder passes control to a client that asked. Raises Refused, NotAsked."""
        if self._holder.client != client:
            raise Refused(self._holder)
        if to not in self._asking:
            raise NotAsked(to)
        self._pass_to(Control(self._asking[to], to))

    def give(self, client: int) -> None:
        """Give control back, or be gone; nothing happens when the client has none."""
        self._asking.pop(client, None)
        if self._holder.client == client:
            self._pass_to(Control())

    def _pass_to(self, holder: Control) -> None:
        self._release()
        self._asking.clear()
        self._holder = holder
        self._until = 0.0
        self._stop_watching()
        self._changed(holder)

    def _watch(self) -> None:
        self._stop_watching()
        self._timer = self._loop.call_at(self._until, self._look)

    def _stop_watching(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._loop.time() < self._until:
            self._watch()
        elif self._release() and self._holder.client is not None:
            self._lapsed(self._holder.client)
