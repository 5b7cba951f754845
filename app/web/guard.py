"""The door: every handler is guarded unless it says that it is public."""

from __future__ import annotations

import base64
import json
from typing import Any, ClassVar

from tornado.httputil import HTTPServerRequest
from tornado.web import Application, HTTPError, RequestHandler

from app.auth.errors import TooManyTries, Unclaimed, WrongCredentials
from app.auth.roles import SCOPE_OF, Grant, Role, Scope
from app.auth.visitor import Visitor
from app.web import errors
from app.web.discreet import Discreet
from app.web.places import Places
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
_HSTS = "max-age=86400"
"""A day: whoever goes back to the device's own certificate is not locked out for longer."""
_SAFE = {"GET", "HEAD", "OPTIONS"}


def harden(handler: RequestHandler) -> None:
    """The headers of every answer."""
    services: Services = handler.application.settings["services"]
    handler.clear_header("Server")
    if not services.bus.device.time.synchronised:
        handler.clear_header("Date")  # RFC 9110, 6.6.1: who has no clock sends none
    for name, value in _HEADERS.items():
        handler.set_header(name, value)
    if services.certificates.owners and not services.hosts.is_local(handler.request.host):
        handler.set_header("Strict-Transport-Security", _HSTS)


def check_host(handler: RequestHandler) -> None:
    """Raises WrongHost, in words that lead out of it."""
    services: Services = handler.application.settings["services"]
    if not services.hosts.admits(handler.request.host):
        name = handler.request.host.partition(":")[0][:253]
        raise errors.WrongHost(
            f"this device does not know itself as {name!r}: use its address, or add the name to the setting web.hosts "
            "(or to the file inkvm-hosts.txt on the card's first partition)"
        )


class Guarded(Discreet):
    """A resource behind credentials. Errors leave as JSON, and an unexpected one without its details."""

    public: ClassVar[bool] = False
    """Set where no login is needed."""
    before_claim: ClassVar[bool] = False
    """Set on what answers while nobody owns the device."""
    role: ClassVar[Role]
    """The least role that may; every class that is not public declares it."""
    scope: ClassVar[Scope | None] = None
    """The scope that a token needs; by default the one that stands for the role."""
    any_scope: ClassVar[bool] = False
    """Set where every valid token will do."""
    grant: Grant
    """Who asks, and what they may; not there on a public resource."""

    def __init__(self, application: Application, request: HTTPServerRequest, **kwargs: Any) -> None:
        self.services: Services = application.settings["services"]
        self.places: Places = application.settings["places"]
        super().__init__(application, request, **kwargs)

    def set_default_headers(self) -> None:
        """Tornado calls this before every answer."""
        harden(self)

    async def prepare(self) -> None:
        """Tornado calls this before the method: nothing of the resource has run yet."""
        check_host(self)
        self._check_origin()
        if not (self.services.gate.claimed or self.before_claim):
            words = "nobody owns this device yet: claim it with the code on its panel"
            # A broken card forgets its owner: who is asked to claim the device again has to know why.
            raise Unclaimed("; ".join((words, *self.services.bus.device.health.faults)))
        if self.public:
            self._expect_origin("here")
            return
        self.grant = await self._identify()
        self._keep_place()
        if self.grant.source.startswith("session:"):
            self._expect_origin("beside a cookie")
        if not self.any_scope:
            self.grant.require(self.role, self.scope or SCOPE_OF[self.role])

    @property
    def visitor(self) -> Visitor:
        """Where the request comes from."""
        return Visitor(self.request.remote_ip or "", self.request.headers.get("User-Agent", ""))

    def note(self, event: str, **details: object) -> None:
        """Put it into the audit log."""
        self.services.gate.audit.record(event, self.grant.user, self.visitor.address, **details)

    def _check_origin(self) -> None:
        """A page of another origin may not change anything."""
        origin = self.request.headers.get("Origin")
        if self._changes() and origin is not None and origin != f"https://{self.request.host}":
            raise errors.Forbidden(f"Origin {origin!r}: expected 'https://{self.request.host}'")

    def _expect_origin(self, where: str) -> None:
        """Every page sends it with what changes something; without one, credentials have to come in headers."""
        if self._changes() and "Origin" not in self.request.headers:
            expected = f"expected 'https://{self.request.host}' {where}"
            raise errors.Forbidden(f"no Origin: {expected}, or on other paths X-KVMD-User, Basic or Bearer credentials")

    def _keep_place(self) -> None:
        """Whoever is known keeps the connection when a crowd comes."""
        stream = getattr(self.request.connection, "stream", None)
        if stream is not None:
            self.places.know(stream, f"link {self.grant.link}" if self.grant.link else self.grant.user)

    def _changes(self) -> bool:
        """Whether the request could do something: an unsafe method, or a socket."""
        return self.request.method not in _SAFE or self.request.headers.get("Upgrade", "").lower() == "websocket"

    async def _identify(self) -> Grant:
        """In the order of PiKVM: its headers, the cookie, Basic; our tokens before the cookie."""
        headers, gate = self.request.headers, self.services.gate
        if "X-KVMD-User" in headers:
            user, password = headers["X-KVMD-User"], headers.get("X-KVMD-Passwd", "")
            return await gate.password(_text(user), _text(password), self.visitor)
        kind, _, credentials = headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return gate.token(credentials.strip())
        cookie = self.get_cookie(COOKIE)
        if cookie is not None:
            return gate.session(cookie)
        if kind.lower() == "basic":
            return await gate.password(*_basic(credentials), self.visitor)
        raise errors.NotLoggedIn("log in first")

    def json(self) -> dict[str, Any]:
        """The body, an object. Raises BadRequest."""
        try:
            content = json.loads(self.request.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise errors.BadRequest("the body is not JSON") from error
        if not isinstance(content, dict):
            raise errors.BadRequest("the body is not a JSON object")
        return content

    def answer(self, result: object) -> None:
        """Finish with the envelope of success."""
        self.finish({"ok": True, "result": result})

    def _handle_request_exception(self, e: BaseException) -> None:
        e = errors.told(e)
        status = errors.STATUS.get(type(e)) if isinstance(e, Exception) else None
        if status is None or self._finished:
            super()._handle_request_exception(e)
        else:
            assert isinstance(e, Exception)
            self.set_status(status)
            if isinstance(e, TooManyTries):
                self.set_header("Retry-After", str(e.wait))
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

    role = "viewer"
    any_scope = True

    async def prepare(self) -> None:
        """Guarded first."""
        await super().prepare()
        raise HTTPError(404)


def _text(header: str) -> str:
    """Tornado reads headers as Latin-1; what was UTF-8 becomes that again."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


def _basic(credentials: str) -> tuple[str, str]:
    """User and password. Source: RFC 7617. Raises WrongCredentials."""
    try:
        user, colon, password = base64.b64decode(credentials.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError as error:
        raise WrongCredentials("Authorization: Basic is not the base64 of user:password") from error
    if not colon:
        raise WrongCredentials("Authorization: Basic is not the base64 of user:password")
    return user, password
