"""`/api/accounts`: everybody's accounts, for administrators."""

from __future__ import annotations

from typing import Any

from app.auth import passwords, roles
from app.auth.accounts import Account
from app.auth.errors import NotAllowed
from app.web import errors
from app.web.own import Own


class AccountList(Own):
    """`/api/accounts`."""

    role = "admin"

    def get(self) -> None:
        """All of them, without their secrets."""
        self.answer([_shown(account) for account in self.services.gate.accounts.all()])

    async def post(self) -> None:
        """`user`, `passwd`, `role`: a new account."""
        body, gate = self.json(), self.services.gate
        role = roles.role(body.get("role"))
        name = body.get("user")
        password = passwords.acceptable(body.get("passwd"), name if isinstance(name, str) else "")
        hashed = await gate.hasher.digest(password)
        account = await gate.add(name, role, hashed)
        self.note("account made", of=account.name, role=account.role)
        self.answer(_shown(account))


class OneAccount(Own):
    """`/api/accounts/NAME`."""

    role = "admin"

    async def put(self, name: str) -> None:
        """`role`, a new `passwd`, `totp: false` to take lost one-time codes off; each of them if it is there. All of it or nothing."""
        body, gate = self.json(), self.services.gate
        gate.accounts.required(name)
        changed = self._wanted(name)
        if "passwd" in body:
            changed["password"] = await gate.hasher.digest(passwords.acceptable(body["passwd"], name))
        account = await self.services.writer.durably(gate.accounts.update, name, **changed)
        if "role" in body:
            gate.changed(name)
        if "passwd" in body:
            gate.dismiss(name)
        self.note("account changed", of=name, what=sorted(body))
        self.answer(_shown(account))

    def _wanted(self, name: str) -> dict[str, Any]:
        """What is asked for, but for the password. Raises BadRequest, NotAcceptable, NotAllowed."""
        body = self.json()
        if not body or set(body) - {"role", "passwd", "totp"} or body.get("totp", False) is not False:
            raise errors.BadRequest("expected some of role, passwd, and totp with the value false")
        if name == self.grant.user and {"passwd", "totp"} & set(body):
            # A browser left open is not enough, an administrator's least of all.
            raise NotAllowed("your own take the password in force: use /api/auth/password and /api/auth/totp")
        wanted: dict[str, Any] = {"role": roles.role(body["role"])} if "role" in body else {}
        return {**wanted, "totp": "", "recovery": ()} if "totp" in body else wanted

    async def delete(self, name: str) -> None:
        """Gone, with its sessions, tokens and links."""
        await self.services.gate.remove(name)
        self.note("account removed", of=name)
        self.answer({})


def _shown(account: Account) -> dict[str, object]:
    return {"user": account.name, "role": account.role, "totp": bool(account.totp)}
