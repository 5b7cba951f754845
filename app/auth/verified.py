"""Passwords that were right a moment ago: clients that send them with every request need not be hashed every time."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from app.auth.accounts import Account
from app.chance import Chance

LIFE = 60.0
"""Seconds for which a verified password is taken at its word, at most."""
MOST = 64


class Verified:
    """Keyed hashes, with a key that dies with the process. The clock is in seconds, monotonic."""

    def __init__(self, clock: Callable[[], float], chance: Chance) -> None:
        self._clock = clock
        self._key = chance.draw(32)
        self._until: dict[bytes, float] = {}

    def add(self, account: Account, password: str) -> None:
        """It was right."""
        now = self._clock()
        self._until = {key: until for key, until in self._until.items() if until > now}
        while len(self._until) >= MOST:
            del self._until[min(self._until, key=lambda key: self._until[key])]
        self._until[self._hash(account, password)] = now + LIFE

    def holds(self, account: Account, password: str) -> bool:
        """Whether it was right within the last `LIFE` seconds, for the account as it is now."""
        return self._until.get(self._hash(account, password), 0.0) > self._clock()

    def forget(self) -> None:
        """Something was revoked: everybody is asked again."""
        self._until.clear()

    def _hash(self, account: Account, password: str) -> bytes:
        """Over the stored secrets, too, so that an entry dies with the password it was made from."""
        parts = (account.name, account.password, account.totp, password)
        return hmac.digest(self._key, "\0".join(parts).encode("utf-8", "surrogatepass"), "sha256")
