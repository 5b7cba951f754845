"""View links: whoever opens one sees the picture until it expires, and can do nothing else."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass

from app.auth.errors import NotAcceptable, NotThere
from app.auth.store import Record, Store

MOST = 32
"""Links at once."""
LONGEST = 30 * 24.0
"""Hours that a link can be good for."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link, without its secret. Times are seconds since the epoch."""

    id: str
    label: str
    user: str
    """Who made it."""
    made: float
    until: float
    hash: str

    def alive(self, now: float) -> bool:
        """Whether it is good. A clock that is before its making is wrong, and then nobody knows."""
        return self.made <= now < self.until


class Links:
    """All of them; the clock is in seconds since the epoch. Raises BadState when the file cannot be used."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._links = [_link(store, record) for record in store.load()]

    def issue(self, user: str, label: object, hours: object) -> tuple[Link, str]:
        """A new link and its secret. Raises NotAcceptable, OSError."""
        if not isinstance(label, str) or not label.strip() or len(label) > 64 or not label.isprintable():
            raise NotAcceptable("a link has a name of 1 to 64 characters, such as who it is for")
        # not isinstance: true is a number to Python
        if type(hours) not in (int, float) or not 0 < float(hours) <= LONGEST:  # type: ignore[arg-type]
            raise NotAcceptable(f"hours has value {hours!r}, expected a number up to {LONGEST:.0f}")
        now = self._clock()
        kept = [link for link in self._links if link.alive(now)]
        if len(kept) >= MOST:
            raise NotAcceptable(f"there are {MOST} links already: revoke one first")
        secret = secrets.token_urlsafe(24)
        link = Link(
            secrets.token_hex(6), label.strip(), user, now, now + float(hours) * 3600, _hash(secret)  # type: ignore[arg-type]
        )  # fmt: skip
        self._save([*kept, link])
        return link, secret

    def find(self, secret: str) -> Link | None:
        """The live link of this secret."""
        key = _hash(secret)
        return next((link for link in self.all() if link.hash == key), None)

    def all(self) -> list[Link]:
        """The live ones, the oldest first."""
        now = self._clock()
        return [link for link in self._links if link.alive(now)]

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
        return Link(
            record["id"], record["label"], record["user"], float(record["made"]), float(record["until"]), record["hash"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise store.bad(f"not a link: {type(error).__name__}") from error
