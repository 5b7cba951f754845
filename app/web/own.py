"""What everybody manages for themselves: password, one-time codes, sessions, tokens, view links."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import ClassVar

from app.auth import passwords, roles, totp
from app.auth.accounts import Account
from app.auth.errors import NotThere
from app.auth.roles import Role
from app.web import errors
from app.web.guard import Guarded


class Own(Guarded):
    """A resource of the account that asks. A token needs the scope `admin`; a guest has no account."""

    role: ClassVar[Role] = "viewer"
    scope = "admin"

    @property
    def account(self) -> Account:
        """Whose it is."""
        return self.services.gate.accounts.required(self.grant.user)

    async def confirmed(self) -> Account:
        """The account, once the body's `passwd` was right: a browser left open is not enough."""
        password = self.json().get("passwd")
        if not isinstance(password, str):
            raise errors.BadRequest("passwd is missing: give the password that is in force")
        return await self.services.gate.verifier.confirm(self.grant.user, password, self.visitor)


class Password(Own):
    """`/api/auth/password`."""

    async def post(self) -> None:
        """`passwd`, `new`: every other session of the account ends."""
        gate = self.services.gate
        account = await self.confirmed()
        new = passwords.acceptable(self.json().get("new"), self.grant.user)
        hashed = await gate.hasher.digest(new)
        await self.services.writer.durably(gate.accounts.revise, account, password=hashed)
        gate.dismiss(self.grant.user, but=self.grant.source)
        self.note("password changed")
        self.answer({})


class OneTimeCodes(Own):
    """`/api/auth/totp`: off, then begun by POST, then on by PUT."""

    def get(self) -> None:
        """Whether they are on, and how many recovery codes are left."""
        self.answer({"enabled": bool(self.account.totp), "recovery_left": len(self.account.recovery)})

    async def post(self) -> None:
        """`passwd`: a new secret, as text and as a QR code in SVG. Nothing is in force yet."""
        import segno

        account = await self.confirmed()
        secret = totp.new_secret(self.services.chance)
        image = io.BytesIO()
        uri = totp.uri(secret, account.name, self.services.bus.device.network.hostname or "inkvm")
        segno.make(uri, error="m").save(image, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=False)
        self.answer({"secret": secret, "uri": uri, "svg": image.getvalue().decode()})

    async def put(self) -> None:
        """`passwd`, `secret`, `code` of it: in force from now on. Answers the recovery codes, once."""
        account = await self.confirmed()
        secret, code = self.json().get("secret"), self.json().get("code")
        if not isinstance(secret, str) or not totp.is_secret(secret) or not isinstance(code, str):
            raise errors.BadRequest("secret or code is missing: give the secret that POST answered, and its code")
        if not totp.is_code(code.strip()):
            raise errors.BadRequest(
                f"code has value {errors.shown(code)}, expected the {totp.DIGITS} digits that the app shows"
            )
        self.services.gate.verifier.check_code(replace(account, totp=secret), code)
        recovery = totp.new_recovery_codes(self.services.chance)
        hashes = tuple(totp.recovery_hash(each) for each in recovery)
        gate = self.services.gate
        await self.services.writer.durably(gate.accounts.revise, account, totp=secret, recovery=hashes, used=-1)
        gate.dismiss(account.name, but=self.grant.source)
        self.note("one-time codes on")
        self.answer({"recovery": recovery})

    async def delete(self) -> None:
        """`passwd`: off."""
        account, gate = await self.confirmed(), self.services.gate
        await self.services.writer.durably(gate.accounts.revise, account, totp="", recovery=())
        self.note("one-time codes off")
        self.answer({})


class SessionList(Own):
    """`/api/auth/sessions`."""

    def get(self) -> None:
        """One's own; an administrator's answer has everybody's."""
        sessions = self.services.gate.sessions
        self.answer([
            {
                "id": each.id, "user": each.user, "address": each.address, "agent": each.agent, "guest": bool(each.link),
                "age": round(sessions.age(each)[0]), "idle": round(sessions.age(each)[1]),
                "current": self.grant.source == f"session:{each.id}",
            }
            for each in sessions.all()
            if self.grant.role == "admin" or (each.user == self.grant.user and not each.link)
        ])  # fmt: skip


class OneSession(Own):
    """`/api/auth/sessions/ID`."""

    async def delete(self, session_id: str) -> None:
        """End it, and its sockets."""
        for session in self.services.gate.sessions.all():
            if session.id == session_id and self.grant.covers(session.user):
                await self.services.gate.revoke(f"session:{session_id}")
                self.note("session ended", of=session.user)
                self.answer({})
                return
        raise NotThere(f"there is no session {session_id!r}")


class TokenList(Own):
    """`/api/auth/tokens`."""

    def get(self) -> None:
        """One's own; an administrator's answer has everybody's. Never the secrets: nobody has them."""
        self.answer([
            {"id": each.id, "name": each.name, "user": each.user, "scopes": list(each.scopes), "made": each.made}
            for each in self.services.gate.tokens.all()
            if self.grant.covers(each.user)
        ])  # fmt: skip

    async def post(self) -> None:
        """`name`, `scopes`: the token, this once."""
        body, gate = self.json(), self.services.gate
        scopes = roles.scopes(body.get("scopes"))
        asked = self.grant.user, body.get("name"), scopes, gate.now()
        token, secret = await self.services.writer.durably(gate.tokens.issue, *asked)
        self.note("token issued", name=token.name, scopes=list(token.scopes))
        self.answer({"id": token.id, "token": secret})


class OneToken(Own):
    """`/api/auth/tokens/ID`."""

    async def delete(self, token_id: str) -> None:
        """Revoke it, and close what runs on it."""
        token = self.services.gate.tokens.get(token_id)
        if not self.grant.covers(token.user):
            raise NotThere(f"there is no token {token_id!r}")
        await self.services.gate.revoke(f"token:{token_id}")
        self.note("token revoked", name=token.name, of=token.user)
        self.answer({})


class LinkList(Own):
    """`/api/auth/links`."""

    role = "operator"

    def get(self) -> None:
        """One's own; an administrator's answer has everybody's. `left` is in seconds; it and `until` are null where unknown."""
        links = self.services.gate.links
        self.answer([
            {"id": each.id, "label": each.label, "user": each.user, "until": each.until, "left": links.left(each)}
            for each in links.all()
            if self.grant.covers(each.user)
        ])  # fmt: skip

    async def post(self) -> None:
        """`label`, `hours`: the address to send to somebody, this once."""
        body, gate = self.json(), self.services.gate
        asked = self.grant.user, body.get("label"), body.get("hours")
        link, secret = await self.services.writer.durably(gate.links.issue, *asked)
        self.note("link issued", label=link.label)
        self.answer({"id": link.id, "url": f"https://{self.request.host}/#view={secret}", "until": link.until})


class OneLink(Own):
    """`/api/auth/links/ID`."""

    role = "operator"

    async def delete(self, link_id: str) -> None:
        """Revoke it: whoever watches by it is out."""
        link = self.services.gate.links.get(link_id)
        if not self.grant.covers(link.user):
            raise NotThere(f"there is no link {link_id!r}")
        await self.services.gate.revoke(f"link:{link_id}")
        self.note("link revoked", label=link.label, of=link.user)
        self.answer({})
