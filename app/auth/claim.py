"""The claim code: whoever reads it off the device becomes its administrator, once."""

from __future__ import annotations

import hmac

from app.auth.passwords import ALPHABET
from app.auth.store import Store
from app.chance import Chance

_GROUPS, _LENGTH = 2, 5
"""Ten characters of 4.95 bits."""


class ClaimCode:
    """Made once, kept on the data partition over restarts, until it is used.

    Raises:
        BadState: the file cannot be used.
    """

    def __init__(self, store: Store, chance: Chance) -> None:
        self._store = store
        self._chance = chance
        kept = [record.get("code") for record in store.load()]
        if not all(isinstance(code, str) and len(normal(code)) == _GROUPS * _LENGTH for code in kept):
            raise store.bad("not a claim code")
        self._code: str | None = next(iter(kept), None)

    @property
    def shown(self) -> str:
        """The code, as the panel shows it; empty while there is none."""
        return self._code or ""

    def show(self) -> str:
        """The code; a new one where there is none. Raises OSError."""
        if self._code is None:
            code = "-".join(self._chance.text(ALPHABET, _LENGTH) for _ in range(_GROUPS)).upper()
            self._store.save([{"code": code}])
            self._code = code
        return self._code

    def matches(self, shown: str) -> bool:
        """Whether it is the code; case, spaces and hyphens do not matter."""
        return self._code is not None and hmac.compare_digest(
            normal(self._code).encode(), normal(shown).encode("utf-8", "surrogatepass")
        )

    def use(self) -> None:
        """It dies. Raises OSError."""
        self._store.save([])
        self._code = None


def normal(code: str) -> str:
    """As it is compared."""
    return code.replace("-", "").replace(" ", "").upper()
