"""Roles of people and scopes of tokens: who may do what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from app.auth.errors import NotAcceptable, NotAllowed

Role = Literal["viewer", "operator", "admin"]
"""`viewer` sees; `operator` also types and switches power; `admin` does everything."""
Scope = Literal["view", "hid", "storage", "power", "admin"]
"""What a token can be for; `admin` contains the others."""

ROLES: tuple[Role, ...] = get_args(Role)
SCOPES: tuple[Scope, ...] = get_args(Scope)
SCOPE_OF: dict[Role, Scope] = {"viewer": "view", "operator": "hid", "admin": "admin"}
"""The scope that stands for a role where nothing more precise is said."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a credential lets its bearer do."""

    user: str
    role: Role
    source: str
    """Which credential: `session:ID`, `token:ID`, or `password`, one that came with the request."""
    scopes: frozenset[Scope] | None = None
    """A token's; None is everything that the role includes."""
    link: str = ""
    """The view link behind a session, or empty."""

    def may(self, role: Role, scope: Scope) -> bool:
        """Whether the role suffices, and the scope is among the token's."""
        if ROLES.index(self.role) < ROLES.index(role):
            return False
        return self.scopes is None or scope in self.scopes or "admin" in self.scopes

    def require(self, role: Role, scope: Scope) -> None:
        """Raises NotAllowed in words unless `may`."""
        if self.may(role, scope):
            return
        if ROLES.index(self.role) < ROLES.index(role):
            raise NotAllowed(f"this needs the role {role}; {self.user} has the role {self.role}")
        raise NotAllowed(f"this needs the scope {scope}; the token has {', '.join(sorted(self.scopes or ()))}")

    def covers(self, user: str) -> bool:
        """Whether what belongs to that user is theirs to manage."""
        return self.role == "admin" or self.user == user


def role(value: object) -> Role:
    """A role from outside. Raises NotAcceptable."""
    for known in ROLES:
        if value == known:
            return known
    raise NotAcceptable(f"role has value {value!r}, expected one of {', '.join(ROLES)}")


def scopes(value: object) -> frozenset[Scope]:
    """Scopes from outside: a list of names, at least one. Raises NotAcceptable."""
    found = frozenset(scope for scope in SCOPES if isinstance(value, list) and scope in value)
    if not isinstance(value, list) or not found or len(found) != len(value):
        raise NotAcceptable(f"scopes has value {value!r}, expected a list of some of {', '.join(SCOPES)}, each once")
    return found
