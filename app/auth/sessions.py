"""Logged-in browsers: random tokens, kept as hashes, in memory only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.chance import Chance

IDLE = 12 * 3600.0
"""Seconds without a request after which a session ends."""
ABSOLUTE = 7 * 24 * 3600.0
"""Seconds after login at which a session ends, used or not."""
MOST = 64
"""Sessions at once."""
MOST_EACH = 16
"""Sessions of one account at once, so that nobody can push the others out."""


@dataclass(slots=True, eq=False)
class Session:
    """One login. Times are monotonic seconds."""

    id: str
    user: str
    began: float
    used: float
    address: str = ""
    agent: str = ""
    """What the browser calls itself."""
    link: str = ""
    """The view link that it came by, or empty."""


class Sessions:
    """All of them. The clock is in seconds, monotonic."""

    def __init__(self, clock: Callable[[], float], chance: Chance) -> None:
        self._clock = clock
        self._chance = chance
        self._sessions: dict[bytes, Session] = {}

    def open(self, user: str, address: str = "", agent: str = "", link: str = "") -> str:
        """A new session's token: 256 random bits. Where there are too many, the one unused for longest makes room."""
        own = [key for key, session in self._sessions.items() if (session.user, session.link) == (user, link)]
        if len(own) >= MOST_EACH:
            self._drop_longest_unused(own)
        elif len(self._sessions) >= MOST:
            self._drop_longest_unused(list(self._sessions))
        token = self._chance.token(32)
        now = self._clock()
        self._sessions[_key(token)] = Session(self._chance.draw(6).hex(), user, now, now, address, agent[:200], link)
        return token

    def find(self, token: str) -> Session | None:
        """The live session of this token, now used; None when there is none (any more)."""
        key = _key(token)
        session = self._sessions.get(key)
        if session is None:
            return None
        now = self._clock()
        if now - session.used > IDLE or now - session.began > ABSOLUTE:
            del self._sessions[key]
            return None
        session.used = now
        return session

    def all(self) -> list[Session]:
        """The live ones, the last used first."""
        now = self._clock()
        live = [each for each in self._sessions.values() if now - each.used <= IDLE and now - each.began <= ABSOLUTE]
        return sorted(live, key=lambda session: -session.used)

    def use(self, session_id: str) -> bool:
        """Something that hangs on the session is in use: count that, and say whether the session still lives."""
        now = self._clock()
        for session in self._with(session_id):
            session.used = now
            return now - session.began <= ABSOLUTE
        return False

    def age(self, session: Session) -> tuple[float, float]:
        """Seconds since it began, and since it was used."""
        now = self._clock()
        return now - session.began, now - session.used

    def end(self, which: Callable[[Session], bool]) -> None:
        """End those that `which` is true of."""
        self._sessions = {key: session for key, session in self._sessions.items() if not which(session)}

    def _with(self, session_id: str) -> Iterator[Session]:
        return (session for session in self._sessions.values() if session.id == session_id)

    def _drop_longest_unused(self, keys: list[bytes]) -> None:
        del self._sessions[min(keys, key=lambda key: self._sessions[key].used)]


def _key(token: str) -> bytes:
    """What is kept: the token itself is not, so that a memory dump or a timing of the look-up does not give it away."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
