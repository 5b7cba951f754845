"""The people who may log in, kept on the data partition.

Every change ends on the card before it is true, so the daemon makes them on its writer's thread (`Writer.durably`), one after the other:
what depends on how things are is looked at in there. Looking needs no lock: what was read stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from app.auth import passwords, roles
from app.auth.errors import AccessError, LastAdministrator, NotAcceptable, NotThere, WrongCredentials
from app.auth.roles import Role
from app.auth.store import Record, Store

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,31}")


@dataclass(frozen=True, slots=True)
class Account:
    """One person. Secrets are here: never answer with one, never log one."""

    name: str
    role: Role
    password: str
    """A hash, see `passwords.matches`."""
    totp: str = ""
    """The secret of the one-time codes in base32; empty without them."""
    recovery: tuple[str, ...] = ()
    """Hashes of the recovery codes that are left."""
    used: int = -1
    """The step of the last one-time code that a person has used; -1 before the first."""

    def __repr__(self) -> str:
        return f"Account({self.name!r}, {self.role!r})"


class Accounts:
    """All of them.

    Args:
        store: where they are kept.
        presets: accounts that come from outside at every start, and are not kept; they hide stored ones of their name.

    Raises:
        BadState: the file cannot be used.
    """

    def __init__(self, store: Store, presets: Mapping[str, Account]) -> None:
        self._store = store
        self._presets = dict(presets)
        self._stored = {account.name: account for account in (_account(store, record) for record in store.load())}

    def __len__(self) -> int:
        return len(self.all())

    def get(self, name: str) -> Account | None:
        """The account of that name."""
        return self._presets.get(name) or self._stored.get(name)

    def all(self) -> list[Account]:
        """Sorted by name."""
        everybody = {**self._stored, **self._presets}
        return [everybody[name] for name in sorted(everybody)]

    def create(self, name: object, role: Role, password: str) -> Account:
        """A new account; `password` is a hash. Raises NotAcceptable, OSError."""
        if not isinstance(name, str) or _NAME.fullmatch(name) is None:
            raise NotAcceptable(
                "a user name has 1 to 32 of the characters A-Z a-z 0-9 _ . @ -, and does not begin with . @ -"
            )
        if self.get(name) is not None:
            raise NotAcceptable(f"there is an account {name!r} already: choose another name")
        return self.put(Account(name, role, password))

    def put(self, account: Account) -> Account:
        """Replace the account of that name. Raises OSError."""
        if account.name in self._presets:
            self._presets = {**self._presets, account.name: account}
        else:
            self._save({**self._stored, account.name: account})
        return account

    def update(self, name: str, **changed: Any) -> Account:
        """Fields of `Account`, all of them or none. Raises NotThere, LastAdministrator, OSError."""
        account = self.required(name)
        if changed.get("role", "admin") != "admin":
            self._keep_one(account)
        return self.put(replace(account, **changed))

    def holds(self, checked: Account) -> bool:
        """Whether the secrets that somebody was checked against are still in force: hashing takes its time."""
        account = self.get(checked.name)
        return account is not None and (account.password, account.totp) == (checked.password, checked.totp)

    def revise(self, checked: Account, **changed: Any) -> Account:
        """As `update`, for who was checked against that. Raises WrongCredentials, too: it is not in force any more."""
        if not self.holds(checked):
            raise WrongCredentials("the password or the one-time codes were changed meanwhile: log in again")
        return self.update(checked.name, **changed)

    def spend(self, name: str, recovery: str) -> bool:
        """Whether that is the hash of a recovery code that was left; now it is not. Raises OSError."""
        account = self.get(name)
        if account is None or recovery not in account.recovery:
            return False
        self.put(replace(account, recovery=tuple(each for each in account.recovery if each != recovery)))
        return True

    def remove(self, name: str) -> None:
        """Raises NotThere, LastAdministrator, OSError."""
        account = self.required(name)
        self._keep_one(account)
        if name in self._presets:
            raise NotAcceptable(f"the account {name!r} is given at every start, and cannot be removed here")
        self._save({other: kept for other, kept in self._stored.items() if other != name})

    def required(self, name: str) -> Account:
        """Raises NotThere."""
        account = self.get(name)
        if account is None:
            raise NotThere(f"there is no account {name!r}")
        return account

    def _keep_one(self, account: Account) -> None:
        if not any(other.role == "admin" and other.name != account.name for other in self.all()):
            raise LastAdministrator(f"{account.name} is the only administrator: make another one first")

    def _save(self, accounts: dict[str, Account]) -> None:
        self._store.save([asdict(account) for account in accounts.values()])
        self._stored = accounts


def _account(store: Store, record: Record) -> Account:
    try:
        account = Account(
            record["name"], roles.role(record["role"]), record["password"], record["totp"], tuple(record["recovery"]),
            int(record.get("used", -1)),
        )  # fmt: skip
        sound = _NAME.fullmatch(account.name) is not None and passwords.is_hash(account.password)
    except (KeyError, TypeError, ValueError, AttributeError, AccessError) as error:
        raise store.bad(f"not an account: {type(error).__name__}") from error
    if not sound:
        raise store.bad("not an account: its name or its hash")
    return account
