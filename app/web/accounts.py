"""`/api/accounts`: everybody's accounts, for administrators."""

from __future__ import annotations

from dataclasses import replace

from app.auth import passwords, roles
from app.auth.accounts import Account
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
        account = gate.accounts.create(name, role, await gate.hasher.digest(password))
        self.note("account made", of=account.name, role=account.role)
        self.answer(_shown(account))


class OneAccount(Own):
    """`/api/accounts/NAME`."""

    role = "admin"

    async def put(self, name: str) -> None:
        """`role`, a new `passwd`, `totp: false` to take lost one-time codes off; each of them if it is there."""
        body, gate = self.json(), self.services.gate
        gate.accounts.required(name)
        unknown = set(body) - {"role", "passwd", "totp"}
        if unknown or body.get("totp", False) is not False:
            raise errors.BadRequest("expected some of role, passwd, and totp with the value false")
        if "role" in body:
            gate.accounts.set_role(name, roles.role(body["role"]))
            gate.changed(name)
        if "passwd" in body:
            hashed = await gate.hasher.digest(passwords.acceptable(body["passwd"], name))
            gate.accounts.put(replace(gate.accounts.required(name), password=hashed))
            gate.dismiss(name, but=self.grant.source)
        if "totp" in body:
            gate.accounts.put(replace(gate.accounts.required(name), totp="", recovery=()))
        self.note("account changed", of=name, what=sorted(body))
        self.answer(_shown(gate.accounts.required(name)))

    def delete(self, name: str) -> None:
        """Gone, with its sessions, tokens and links."""
        self.services.gate.remove(name)
        self.note("account removed", of=name)
        self.answer({})


def _shown(account: Account) -> dict[str, object]:
    return {"user": account.name, "role": account.role, "totp": bool(account.totp)}
