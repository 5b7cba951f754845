"""What went wrong, as HTTP says it: one table from errors to status codes."""

from __future__ import annotations

from app.auth import errors as auth
from app.hid.lease import Refused
from app.hid.mouse import UnknownButton
from app.hid.usages import UnknownKey
from app.video.snapshot import SnapshotError


class NotLoggedIn(Exception):
    """No credentials."""


class Forbidden(Exception):
    """A request from a page that is not ours."""


class WrongHost(Exception):
    """The browser believes that we are somebody else."""


class BadRequest(Exception):
    """The request says something else than the protocol; the words name what, and what is accepted."""


class Unavailable(Exception):
    """There is nothing to give now, and the words say why."""


STATUS: dict[type[Exception], int] = {
    NotLoggedIn: 401,
    auth.Unclaimed: 401,
    Forbidden: 403,
    WrongHost: 421,
    auth.WrongCredentials: 403,
    auth.CodeNeeded: 403,
    auth.NotAllowed: 403,
    auth.TooManyTries: 429,
    auth.NotAcceptable: 400,
    auth.NotThere: 404,
    auth.LastAdministrator: 409,
    BadRequest: 400,
    UnknownKey: 400,
    UnknownButton: 400,
    Refused: 409,
    Unavailable: 503,
    SnapshotError: 503,
}


def body(error: Exception) -> dict[str, object]:
    """The envelope of a failure."""
    return {"ok": False, "result": {"error": type(error).__name__, "error_msg": str(error)}}
