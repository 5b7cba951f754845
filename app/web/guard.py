"""The door: every handler is guarded unless it says that it is public."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any, ClassVar

from tornado.httputil import HTTPServerRequest
from tornado.web import Application, HTTPError, RequestHandler

from app.auth.sessions import Session
from app.web import errors
from app.web.services import Services

COOKIE = "auth_token"

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
_SAFE = {"GET", "HEAD", "OPTIONS"}


def harden(handler: RequestHandler) -> None:
    """The headers of every answer."""
    handler.clear_header("Server")
    for name, value in _HEADERS.items():
        handler.set_header(name, value)


class Guarded(RequestHandler):
    """A resource behind the session cookie. Errors leave as JSON, and an unexpected one without its details."""

    public: ClassVar[bool] = False
    """Set where no login is needed."""
    session: Session
    """Whose request this is; not there on a public resource."""

    def __init__(self, application: Application, request: HTTPServerRequest, **kwargs: Any) -> None:
        self.services: Services = application.settings["services"]
        super().__init__(application, request, **kwargs)

    def set_default_headers(self) -> None:
        """Tornado calls this before every answer."""
        harden(self)

    def prepare(self) -> Awaitable[None] | None:
        """Tornado calls this before the method: nothing of the resource has run yet."""
        self._check_origin()
        if not self.public:
            self.session = self._find_session()
        return None

    def _check_origin(self) -> None:
        """A page of another origin may not change anything; a script without any origin may only log in."""
        origin = self.request.headers.get("Origin")
        if self.request.method in _SAFE and not self._is_upgrade():
            return
        if origin is None and self.public:
            return
        if origin != f"https://{self.request.host}":
            raise errors.Forbidden(f"Origin {origin!r}: expected 'https://{self.request.host}'")

    def _is_upgrade(self) -> bool:
        return self.request.headers.get("Upgrade", "").lower() == "websocket"

    def _find_session(self) -> Session:
        token = self.get_cookie(COOKIE)
        if token is None:
            raise errors.NotLoggedIn("log in first")
        session = self.services.sessions.find(token)
        if session is None:
            raise errors.Forbidden("the session is unknown or has ended: log in again")
        return session

    def answer(self, result: object) -> None:
        """Finish with the envelope of success."""
        self.finish({"ok": True, "result": result})

    def _handle_request_exception(self, e: BaseException) -> None:
        status = errors.STATUS.get(type(e)) if isinstance(e, Exception) else None
        if status is None or self._finished:
            super()._handle_request_exception(e)
        else:
            assert isinstance(e, Exception)
            self.set_status(status)
            self.set_header("Content-Type", "application/json; charset=UTF-8")
            self.finish(json.dumps(errors.body(e)))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Tornado's own errors, and those nobody expected, in the same envelope."""
        error = kwargs.get("exc_info", (None, None))[1]
        known = isinstance(error, HTTPError) and error.log_message is not None and status_code < 500
        words = (error.log_message or "") % error.args if known and isinstance(error, HTTPError) else self._reason
        self.finish({"ok": False, "result": {"error": self._reason.replace(" ", ""), "error_msg": words}})


class NotFound(Guarded):
    """Whatever has no route: not even its absence is told without a login."""

    def prepare(self) -> Awaitable[None] | None:
        """Guarded first."""
        super().prepare()
        raise HTTPError(404)
