"""One client's hands on the desk, as far as the lease lets them.

A page says what it holds, all of it, every time: `hold` when its user pressed something, `keep` when something was let go, and every 250 ms
while anything is held. Only `hold` presses. Other clients say what changed, as PiKVM's do, and answer pings.
"""

from __future__ import annotations

from collections.abc import Callable

from app.hid.desk import Desk, Held
from app.hid.freshness import Freshness
from app.hid.lease import Lease
from app.hid.output import PATIENCE
from app.hid.usages import MODIFIERS

HEARTBEAT = 0.5
"""Seconds that a press by `hold` is good for without a `keep`."""
PONG = 5.0
"""Seconds that any other press is good for without a pong."""

_SYSRQ = "PrintScreen"


class Operator:
    """One client.

    Args:
        client: its number, which is the lease's.
        user: its account's name.
        lost: told how many presses came too late to be carried out, and why.
        clock: seconds, monotonic; the lease's.
        beside: whether it acts beside the client itself, as a script does under the lease of its owner's page.
    """

    def __init__(
        self,
        client: int,
        user: str,
        lease: Lease,
        desk: Desk,
        *,
        lost: Callable[[int, str], None],
        clock: Callable[[], float],
        beside: bool = False,
    ) -> None:
        self.client = client
        self._user = user
        self._lease = lease
        self._desk = desk
        self._lost = lost
        self._clock = clock
        self._beside = beside
        self._freshness = Freshness(clock)
        self._answered = clock()
        self._beats = False
        """Whether it says what it holds: then it has to go on saying so."""

    def hold(self, held: Held, at: float) -> None:
        """The user pressed something: the target holds exactly this. `at` is in seconds of the client's clock. Raises Refused."""
        self._admit()
        self._beats = True
        age = self._freshness.age(at)
        if age <= PATIENCE:
            self._desk.hold(held, age)
            self._alive()
        else:
            self._desk.keep(held)
            self._lost(1, "it was held up on its way for too long")

    def keep(self, held: Held, at: float) -> None:
        """The user still holds this and nothing else; what is not down stays up."""
        self._beats = True
        young = self._young(at)
        if self._lease.holds(self.client):
            self._desk.keep(held)
            if young:
                self._alive()

    def key(self, code: str, pressed: bool, finish: bool = False) -> None:
        """One key changed; `finish` lets go of it again, unless it is one that others are pressed with. Raises Refused, UnknownKey."""
        self._edge()
        self._desk.key(code, pressed)
        if pressed and finish and code not in MODIFIERS and code != _SYSRQ:
            self._desk.key(code, False)

    def button(self, name: str, pressed: bool) -> None:
        """One button changed. Raises Refused, UnknownButton."""
        self._edge()
        self._desk.button(name, pressed)

    def move(self, x: int, y: int) -> None:
        """Put the pointer at a place, each axis -32768 to 32767. Raises Refused."""
        self._admit()
        self._desk.move(x, y)

    def shift(self, dx: int, dy: int, at: float | None = None) -> None:
        """Move the relative mouse, each -127 to 127; a step that is late is not made. Raises Refused."""
        self._admit()
        if self._young(at):
            self._desk.shift(dx, dy)

    def wheel(self, dx: int, dy: int, at: float | None = None) -> None:
        """Turn the wheel, each -127 to 127, positive `dy` scrolls up; not when it is late. Raises Refused."""
        self._admit()
        if self._young(at):
            self._desk.wheel(dx, dy)

    def release(self) -> None:
        """Let go of everything; nothing happens when another has control."""
        if self._lease.holds(self.client):
            self._desk.release()

    def heard(self, at: float) -> None:
        """The client sent something at that second of its clock: what is typed later is compared with it."""
        self._freshness.age(at)

    def pong(self) -> None:
        """The client answered a ping."""
        self._answered = self._clock()
        if not self._beats:
            self._alive()

    def leave(self) -> None:
        """The client is gone."""
        self._lease.give(self.client)

    def _admit(self) -> None:
        self._lease.admit(self.client, self._user)

    def _edge(self) -> None:
        self._admit()
        self._alive()

    def _alive(self) -> None:
        until = self._clock() + HEARTBEAT if self._beats else self._answered + PONG
        self._lease.alive(self.client, until, beside=self._beside)

    def _young(self, at: float | None) -> bool:
        return at is None or self._freshness.age(at) <= PATIENCE
