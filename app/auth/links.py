"""View links: whoever opens one sees the picture until it expires, and can do nothing else.

How long one has been good is counted by the time since the machine's start, which no setting of the clock changes. After
another start there is nothing but the dates, where the device knew them: while it does not know today's, no link opens.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass

from app.auth.errors import NotAcceptable, NotThere
from app.auth.store import Record, Store
from app.chance import Chance
from app.clock import Clock

MOST = 32
"""Links at once."""
LONGEST = 30 * 24.0
"""Hours that a link can be good for."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link, without its secret. Times are seconds since the epoch, None where nobody knew them."""

    id: str
    label: str
    user: str
    """Who made it."""
    made: float | None
    until: float | None
    hash: str


class Links:
    """All of them. Raises BadState when the file cannot be used."""

    def __init__(self, store: Store, clock: Clock, chance: Chance) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._links = [_link(store, record) for record in store.load()]
        self._ends: dict[str, float] = {}
        """Of those that were made since this process began: the uptime at which they end."""

    def issue(self, user: str, label: object, hours: object) -> tuple[Link, str]:
        """A new link and its secret. Raises NotAcceptable, OSError."""
        if not isinstance(label, str) or not label.strip() or len(label) > 64 or not label.isprintable():
            raise NotAcceptable("a link has a name of 1 to 64 characters, such as who it is for")
        # not isinstance: true is a number to Python. As it comes: a whole number may be more than a float holds.
        if type(hours) not in (int, float) or not 0 < hours <= LONGEST:  # type: ignore[operator]
            raise NotAcceptable(f"a link is good for a number of hours, more than 0 and up to {LONGEST:.0f}")
        kept = self.all()
        if len(kept) >= MOST:
            raise NotAcceptable(f"there are {MOST} links already: revoke one first")
        secret = self._chance.token(24)
        seconds, now = float(hours) * 3600, self._clock.true()  # type: ignore[arg-type]
        until = None if now is None else now + seconds
        link = Link(self._chance.draw(6).hex(), label.strip(), user, now, until, _hash(secret))
        self._ends = {**self._ends, link.id: self._clock.uptime() + seconds}
        self._save([*kept, link])
        return link, secret

    def find(self, secret: str) -> Link | None:
        """The live link of this secret."""
        key = _hash(secret)
        return next((link for link in self._links if link.hash == key and self.left(link)), None)

    def all(self) -> list[Link]:
        """Those that are not known to be over, the oldest first."""
        return [link for link in self._links if self.left(link) != 0]

    def opens(self, link_id: str) -> Link | None:
        """The live one of that name."""
        return next((link for link in self._links if link.id == link_id and self.left(link)), None)

    def left(self, link: Link) -> float | None:
        """Seconds that it is good for; None while nobody knows."""
        if link.id in self._ends:
            return max(0.0, self._ends[link.id] - self._clock.uptime())
        if link.made is None or link.until is None:
            return 0.0
        now = self._clock.true()
        if now is None:
            return None
        return max(0.0, link.until - now) if link.made <= now else 0.0

    def get(self, link_id: str) -> Link:
        """Raises NotThere."""
        for link in self.all():
            if link.id == link_id:
                return link
        raise NotThere(f"there is no link {link_id!r}")

    def revoke(self, which: Callable[[Link], bool]) -> None:
        """Forget those that `which` is true of. Raises OSError."""
        kept = [link for link in self._links if not which(link)]
        if len(kept) != len(self._links):
            self._save(kept)

    def _save(self, links: list[Link]) -> None:
        self._store.save([asdict(link) for link in links])
        self._links = links


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _link(store: Store, record: Record) -> Link:
    try:
        made, until = (None if record[name] is None else float(record[name]) for name in ("made", "until"))
        return Link(record["id"], record["label"], record["user"], made, until, record["hash"])
    except (KeyError, TypeError, ValueError) as error:
        raise store.bad(f"not a link: {type(error).__name__}") from error
