"""Who may type. Theory of operation:

1. At most one client holds the lease. Its number is the lease; its account's name is for people to read.
2. Nobody holds it: the first input event of any client takes it.
3. Somebody holds it: input of another client is refused; that client may take the lease over, and everybody is told.
4. Whenever the lease leaves a client (it gave it back, lost it, or its connection ended) everything it held is released before
   anyone else can press.
5. A client that joins or leaves without holding the lease changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from app.status import Control


class Refused(Exception):
    """Another client has control."""

    def __init__(self, holder: Control) -> None:
        super().__init__(f"{holder.holder} (client {holder.client}) has control")


class Lease:
    """The one permission to type.

    Args:
        release: lets go of every key and button.
        changed: told the new holder.
    """

    def __init__(self, release: Callable[[], None], changed: Callable[[Control], None]) -> None:
        self._release = release
        self._changed = changed
        self._holder = Control()

    def admit(self, client: int, user: str) -> None:
        """An input event of this client arrived: it may act when this returns. Raises Refused."""
        if self._holder.client is None:
            self._pass_to(Control(user, client))
        elif self._holder.client != client:
            raise Refused(self._holder)

    def holds(self, client: int) -> bool:
        """Whether this client has control."""
        return self._holder.client == client

    def take(self, client: int, user: str) -> None:
        """Take control, from whoever has it."""
        if self._holder.client != client:
            self._pass_to(Control(user, client))

    def give(self, client: int) -> None:
        """Give control back, or be gone; nothing happens when the client has none."""
        if self._holder.client == client:
            self._pass_to(Control())

    def _pass_to(self, holder: Control) -> None:
        self._release()
        self._holder = holder
        self._changed(holder)
