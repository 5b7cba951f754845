"""What can be wrong about somebody who wants in, or about what they ask for."""

from __future__ import annotations


class AccessError(Exception):
    """The root of this package's errors; the words are for the person at the other end."""


class WrongCredentials(AccessError):
    """What was shown is not, or no longer, valid."""


class CodeNeeded(AccessError):
    """The password is right, and this account asks for a one-time code as well."""


class TimeUnknown(AccessError):
    """One-time codes cannot be checked: the device does not know the time."""


class TooManyTries(AccessError):
    """Refused without a look, because of what was tried before. `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"too many wrong tries: wait {max(1, round(wait))} s, then try again")
        self.wait = max(1, round(wait))


class NotAllowed(AccessError):
    """Known, but this is not for them."""


class Unclaimed(AccessError):
    """Nobody owns the device yet."""


class NotAcceptable(AccessError):
    """A name, a password or another value that cannot be; the words say what can."""


class LastAdministrator(AccessError):
    """Without this account nobody could manage the device."""


class NotThere(AccessError):
    """No account, session, token or link of that name."""


class BadState(Exception):
    """A file of ours that cannot be used; the words say which, and why."""
