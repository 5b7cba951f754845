"""Which profile the target is to see: asked for by the daemon in a file, answered by root's one-shot in another."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from app import durable
from app.gadget.apply import Gadget
from app.gadget.functions import Profile, of, profile
from app.gadget.plan import GadgetError

REQUEST, REFUSAL, LOCK = "usb-profile", "refusal", "lock"
"""The files: the first below the state folder, the others in the one-shot's run folder."""
_ANSWERED = 10.0
"""Seconds after which the one-shot has done what was asked for, or said why not."""
_LONGEST = 256
"""Bytes of a request: it comes from a process that is trusted less."""


class BadRequestError(GadgetError):
    """The request cannot be read as one."""


class Switch(Protocol):
    """What the daemon knows of the gadget and may ask of it."""

    def now(self) -> Profile | None:
        """What the target sees; None while there is no gadget."""

    def refusal(self) -> str:
        """Why that is not what was asked for last, in words; empty when it is, or will be in a moment."""

    def ask(self, wanted: Profile) -> None:
        """Have the target see this. A change disconnects it, for a second or two. Raises OSError."""

    def remind(self) -> None:
        """Ask once more if there was neither a change nor an answer for long. Called now and then, and not on the event loop."""


class Requests:
    """Implements `Switch` on the board: a systemd path unit watches the request and starts the one-shot.

    Args:
        state: the state folder.
        run: the one-shot's run folder.
        gadget: which both sides look at, and one changes.
        clock: seconds, monotonic.
    """

    def __init__(self, state: Path, run: Path, gadget: Gadget, clock: Callable[[], float] = time.monotonic) -> None:
        self._request = state / REQUEST
        self._refusal = run / REFUSAL
        self._gadget = gadget
        self._outdated: tuple[int, int] | None = None
        """The answer to what was asked before the last time."""
        self._clock = clock
        self._asked: tuple[Profile, float] | None = None
        """What was asked for last and when; None once it was asked for again."""

    def now(self) -> Profile | None:
        """As ConfigFS has it."""
        functions = self._gadget.functions()
        return None if functions is None else of(functions)

    def refusal(self) -> str:
        """As the one-shot left it; nothing while it has not answered what was asked for last."""
        try:
            return "" if _stamp(self._refusal) == self._outdated else self._refusal.read_text()
        except FileNotFoundError:
            return ""

    def ask(self, wanted: Profile) -> None:
        """Write the request."""
        self._outdated = _stamp(self._refusal)
        durable.replace(self._request, f"{' '.join(wanted)}\n".encode())
        self._asked = wanted, self._clock()

    def remind(self) -> None:
        """Touch the request, once: systemd does not hear of one that comes while its one-shot is about to end."""
        if self._asked is not None and self._clock() - self._asked[1] > _ANSWERED:
            if self.now() != self._asked[0] and not self.refusal():
                with suppress(FileNotFoundError):
                    os.utime(self._request)
            self._asked = None


def _stamp(path: Path) -> tuple[int, int] | None:
    """What tells one content from the next, whatever the clock does meanwhile."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def until_unchanged(state: Path) -> Iterator[None]:
    """Once, and again while the request has become another one meanwhile: systemd hears of none while its one-shot works."""
    while True:
        before = _stamp(state / REQUEST)
        yield
        if _stamp(state / REQUEST) == before:
            return


def asked(state: Path) -> Profile:
    """The profile that is asked for; the default where nothing is. Raises GadgetError, OSError."""
    try:
        descriptor = os.open(state / REQUEST, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return ()
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BadRequestError(f"{state / REQUEST} is no file")
        content = file.read(_LONGEST + 1)
    if len(content) > _LONGEST or not content.isascii():
        raise BadRequestError(f"{state / REQUEST} is no list of profile names")
    return profile(content.decode().split())


@contextmanager
def alone(run: Path) -> Iterator[None]:
    """Wait until no other one-shot is at work: the controller that appears wakes all that wait for it. Raises OSError."""
    run.mkdir(mode=0o755, exist_ok=True)
    with (run / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def answer(run: Path, refusal: str) -> None:
    """Tell the daemon why it did not get what it asked for, or that it did. Raises OSError."""
    if refusal:
        durable.replace(run / REFUSAL, refusal.encode(), 0o644)
    else:
        (run / REFUSAL).unlink(missing_ok=True)
