"""Login, logout, the question whether one is logged in, and the first administrator."""

from __future__ import annotations

from app.web import errors
from app.web.guard import COOKIE, Guarded


class _Entrance(Guarded):
    """A public resource that gives a session for something."""

    public = True

    def admit(self, token: str) -> None:
        """Finish with the session's cookie."""
        self.set_cookie(COOKIE, token, httponly=True, secure=True, samesite="Strict", path="/")
        self.answer({})

    def text(self, name: str) -> str:
        """A string of the body. Raises BadRequest."""
        value = self.json().get(name)
        if not isinstance(value, str):
            raise errors.BadRequest(f"{name} is missing, or not a string")
        return value


class Login(_Entrance):
    """`POST /api/auth/login`."""

    async def post(self) -> None:
        """Form `user`, `passwd`, and `code` where the account has one-time codes: the session's cookie, or 403."""
        user = self.get_body_argument("user", strip=False)
        password = self.get_body_argument("passwd", strip=False)
        code = self.get_body_argument("code", "")
        self.admit(await self.services.gate.login(user, password, code, self.visitor))


class Claim(_Entrance):
    """`POST /api/auth/claim`."""

    before_claim = True

    async def post(self) -> None:
        """`code`, `user`, `passwd`: the first administrator's cookie, once in the device's life."""
        body = self.json()
        self.admit(
            await self.services.gate.claim(self.text("code"), body.get("user"), body.get("passwd"), self.visitor)
        )


class Visit(_Entrance):
    """`POST /api/auth/link`."""

    async def post(self) -> None:
        """`secret` of a view link: a viewer's cookie."""
        self.admit(await self.services.gate.link(self.text("secret"), self.visitor))


class Check(Guarded):
    """`GET /api/auth/check`."""

    role = "viewer"
    any_scope = True

    def get(self) -> None:
        """200 for valid credentials; the door has answered otherwise."""
        self.answer({"user": self.grant.user, "role": self.grant.role, "guest": bool(self.grant.link)})


class Logout(Guarded):
    """`POST /api/auth/logout`."""

    role = "viewer"
    any_scope = True

    async def post(self) -> None:
        """End the session, and with it its sockets."""
        if self.grant.source.startswith("session:"):
            await self.services.gate.revoke(self.grant.source)
        self.clear_cookie(COOKIE, httponly=True, secure=True, samesite="Strict", path="/")
        self.answer({})
