"""API tokens: shown once, kept as hashes, each for some scopes of its owner."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass

from app.auth import roles
from app.auth.errors import AccessError, NotAcceptable, NotThere
from app.auth.roles import Scope
from app.auth.store import Record, Store
from app.chance import Chance

MOST = 64
"""Tokens at once."""
PREFIX = "inkvm_"
"""Lets people and secret scanners see what it is."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token, without its secret."""

    id: str
    name: str
    user: str
    scopes: tuple[Scope, ...]
    made: float | None
    """Seconds since the epoch; None where the device did not know."""
    hash: str


class Tokens:
    """All of them. Raises BadState when the file cannot be used."""

    def __init__(self, store: Store, chance: Chance) -> None:
        self._store = store
        self._chance = chance
        self._tokens = {token.hash: token for token in (_token(store, record) for record in store.load())}

    def issue(self, user: str, name: object, scopes: frozenset[Scope], now: float | None) -> tuple[Token, str]:
        """A new token and its secret, which nobody can ask for again. Raises NotAcceptable, OSError."""
        if not isinstance(name, str) or not name.strip() or len(name) > 64 or not name.isprintable():
            raise NotAcceptable("a token has a name of 1 to 64 characters, such as what uses it")
        if len(self._tokens) >= MOST:
            raise NotAcceptable(f"there are {MOST} tokens already: revoke one first")
        secret = PREFIX + self._chance.token(32)
        token = Token(self._chance.draw(6).hex(), name.strip(), user, tuple(sorted(scopes)), now, _hash(secret))
        self._save({**self._tokens, token.hash: token})
        return token, secret

    def find(self, secret: str) -> Token | None:
        """The token of this secret."""
        return self._tokens.get(_hash(secret))

    def all(self) -> list[Token]:
        """The oldest first."""
        return list(self._tokens.values())

    def get(self, token_id: str) -> Token:
        """Raises NotThere."""
        for token in self._tokens.values():
            if token.id == token_id:
                return token
        raise NotThere(f"there is no token {token_id!r}")

    def revoke(self, which: Callable[[Token], bool]) -> None:
        """Forget those that `which` is true of. Raises OSError."""
        kept = {key: token for key, token in self._tokens.items() if not which(token)}
        if len(kept) != len(self._tokens):
            self._save(kept)

    def _save(self, tokens: dict[str, Token]) -> None:
        self._store.save([asdict(token) for token in tokens.values()])
        self._tokens = tokens


def _hash(secret: str) -> str:
    # Fast on purpose: the secret has 256 random bits, which no guessing reaches.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _token(store: Store, record: Record) -> Token:
    try:
        scopes = tuple(sorted(roles.scopes(record["scopes"])))
        made = None if record["made"] is None else float(record["made"])
        return Token(record["id"], record["name"], record["user"], scopes, made, record["hash"])
    except (KeyError, TypeError, ValueError, AccessError) as error:
        raise store.bad(f"not a token: {type(error).__name__}") from error
