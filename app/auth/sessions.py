"""Logged-in browsers: random tokens, kept as hashes, in memory only."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

IDLE = 12 * 3600.0
"""Seconds without a request after which a session ends."""
ABSOLUTE = 7 * 24 * 3600.0
"""Seconds after login at which a session ends, used or not."""
MOST = 64
"""Sessions at once; the one unused for longest makes room."""


@dataclass(slots=True, eq=False)
class Session:
    """One login. `ended` callbacks close what hangs on it."""

    user: str
    began: float
    used: float
    ended: set[Callable[[], None]] = field(default_factory=set)


class Sessions:
    """All of them. The clock is in seconds, monotonic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sessions: dict[bytes, Session] = {}

    def open(self, user: str) -> str:
        """A new session's token: 256 random bits."""
        if len(self._sessions) >= MOST:
            self._end(min(self._sessions, key=lambda key: self._sessions[key].used))
        token = secrets.token_urlsafe(32)
        now = self._clock()
        self._sessions[_key(token)] = Session(user, now, now)
        return token

    def find(self, token: str) -> Session | None:
        """The live session of this token, now used; None when there is none (any more)."""
        key = _key(token)
        session = self._sessions.get(key)
        if session is None:
            return None
        now = self._clock()
        if now - session.used > IDLE or now - session.began > ABSOLUTE:
            self._end(key)
            return None
        session.used = now
        return session

    def close(self, token: str) -> None:
        """Log out; a token that is not known is no error."""
        if _key(token) in self._sessions:
            self._end(_key(token))

    def _end(self, key: bytes) -> None:
        for ended in list(self._sessions.pop(key).ended):
            ended()


def _key(token: str) -> bytes:
    """What is kept: the token itself is not, so that a memory dump or a timing of the look-up does not give it away."""
    return hashlib.sha256(token.encode()).digest()
