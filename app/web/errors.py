"""What went wrong, as HTTP says it: one table from errors to status codes."""

from __future__ import annotations

from app.auth import errors as auth
from app.gadget.functions import UnknownProfileError
from app.gadget.plan import DoesNotFitError
from app.hid.desk import Pasting
from app.hid.layouts import NoLayouts, UnknownLayout
from app.hid.lease import NotAsked, Refused
from app.hid.mouse import UnknownButton
from app.hid.paste import KeysHeld, Stopped, TooLong, Untypable
from app.hid.shortcuts import BadShortcut, NoShortcut
from app.hid.usages import UnknownKey
from app.net.errors import NoService, NotDone
from app.net.profiles import BadNetwork
from app.net.trial import NotFromThere, NoTrial, TrialRunning
from app.video.flaws import BadEdid
from app.writer import NotKept


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
    auth.TimeUnknown: 403,
    auth.NotAllowed: 403,
    auth.TooManyTries: 429,
    auth.NotAcceptable: 400,
    auth.NotThere: 404,
    auth.LastAdministrator: 409,
    BadRequest: 400,
    UnknownKey: 400,
    BadShortcut: 400,
    NoShortcut: 404,
    UnknownButton: 400,
    UnknownProfileError: 400,
    DoesNotFitError: 400,
    Refused: 409,
    NotAsked: 409,
    Pasting: 409,
    KeysHeld: 409,
    Stopped: 409,
    Untypable: 400,
    TooLong: 400,
    UnknownLayout: 400,
    NoLayouts: 503,
    BadEdid: 400,
    BadNetwork: 400,
    TrialRunning: 409,
    NoTrial: 409,
    NotFromThere: 409,
    NotDone: 409,
    NoService: 503,
    Unavailable: 503,
}


_SHOWN = 80
"""Characters."""


def shown(value: object) -> str:
    """What was sent, for the words of an error, or the beginning of it: what comes back is not as long as what came."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def told(error: BaseException) -> BaseException:
    """The error to answer with: what the card does not take is unavailable, whoever had it written."""
    return Unavailable(f"the change cannot be kept: {error.strerror}") if isinstance(error, NotKept) else error


def body(error: Exception) -> dict[str, object]:
    """The envelope of a failure, with the details of an error that has any."""
    details = getattr(error, "details", {})
    return {"ok": False, "result": {"error": type(error).__name__, "error_msg": str(error), **details}}
