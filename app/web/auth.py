"""Login, logout, and the question whether one is logged in."""

from __future__ import annotations

from app.web import errors
from app.web.guard import COOKIE, Guarded


class Login(Guarded):
    """`POST /api/auth/login`."""

    public = True

    async def post(self) -> None:
        """Form `user`, `passwd`: the session's cookie, or 403."""
        user = self.get_body_argument("user", strip=False)
        password = self.get_body_argument("passwd", strip=False)
        if not await self.services.accounts.check(user, password):
            raise errors.Forbidden("user name or password is wrong")
        token = self.services.sessions.open(user)
        self.set_cookie(COOKIE, token, httponly=True, secure=True, samesite="Strict", path="/")
        self.answer({})


class Check(Guarded):
    """`GET /api/auth/check`."""

    def get(self) -> None:
        """200 for a live session; the door has answered otherwise."""
        self.answer({"user": self.session.user})


class Logout(Guarded):
    """`POST /api/auth/logout`."""

    def post(self) -> None:
        """End the session, and with it its sockets."""
        self.services.sessions.close(self.get_cookie(COOKIE, ""))
        self.clear_cookie(COOKIE, httponly=True, secure=True, samesite="Strict", path="/")
        self.answer({})
