"""Types a text on the target: a job with keys of its own, under the lease of one client.

A character is typed by all its reports or not at all: whoever ends the job, what is left of the character that was begun goes out before
anybody else's keys can, so that no key, no dead key and no Caps Lock stays behind.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from app.hid.backlog import Undelivered
from app.hid.desk import Desk, Pasting
from app.hid.layouts import Way, reports
from app.hid.output import Output
from app.status import Control, Paste

Reports = tuple[bytes, ...]
"""Of one character, in their order."""

LONGEST = 1 << 16
"""Characters of one text: a few minutes."""
_NEWS = 0.2
"""Seconds between words about the progress."""


class Untypable(ValueError):
    """The layout has no keys for some of the characters. Its words are for whoever sent the text, and for no log."""

    def __init__(self, characters: Counter[str]) -> None:
        shown = ", ".join(f"{character!r} (U+{ord(character):04X})" for character in characters)
        super().__init__(f"the layout cannot type {shown}: nothing was typed; with skip=1 the rest is")
        self.details = {"untypable": dict(characters)}


class TooLong(ValueError):
    """The text is longer than can sensibly be typed."""

    def __init__(self, length: int) -> None:
        super().__init__(f"the text has {length} characters, expected at most {LONGEST}")


class KeysHeld(Exception):
    """The operator holds keys, which would be held with every character."""

    def __init__(self) -> None:
        super().__init__("keys are held on the target: let go of them first")


class Stopped(Exception):
    """The text was not typed to its end."""

    def __init__(self, reason: str, typed: int, total: int) -> None:
        super().__init__(f"stopped after {typed} of {total} characters: {reason}")
        self.typed = typed
        self.details = {"typed": typed, "total": total}


def planned(text: str, ways: dict[str, Way], *, skip: bool) -> list[Reports]:
    """How to type a text, character by character.

    Every kind of line end is one Enter, and accents join their letters if the layout does not have them apart.
    Raises TooLong, and Untypable unless such characters are to be skipped.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not ways.keys() >= set(text):
        text = unicodedata.normalize("NFC", text)
    if len(text) > LONGEST:
        raise TooLong(len(text))
    untypable = Counter(character for character in text if character not in ways)
    if untypable and not skip:
        raise Untypable(untypable)
    known = {character: tuple(reports(ways[character])) for character in set(text) - set(untypable)}
    return [known[character] for character in text if character in known]


@dataclass(slots=True)
class _Job:
    client: int
    total: int
    typed: int = 0
    rest: deque[bytes] = field(default_factory=deque)
    """What is left of the character that was begun."""
    reason: str = ""
    """Why it was stopped; empty while it was not."""


class Paster:
    """Types one text at a time. Lives on the event loop.

    Args:
        desk: lends its keyboard, and refuses its operator's keys meanwhile.
        keys: where the reports go.
        publish: told the progress.
        clock: seconds, monotonic.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        desk: Desk,
        keys: Output,
        publish: Callable[[Paste], None],
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._desk = desk
        self._keys = keys
        self._publish = publish
        self._clock = clock
        self._sleep = sleep
        self._job: _Job | None = None
        self._news = 0.0
        """When to say something again."""

    async def type(self, characters: Sequence[Reports], client: int, delay: float = 0.0) -> None:
        """Type it all, as fast as the target takes it.

        Args:
            characters: what `planned` gave.
            client: who has the lease, and has to keep it.
            delay: seconds to wait after each report, for firmware that loses keys.

        Raises:
            Pasting: another text is being typed.
            KeysHeld: the operator's keys are down.
            Stopped: it did not come to its end.
        """
        if self._job is not None:
            raise Pasting
        if self._desk.held.keys:
            raise KeysHeld
        job = self._job = _Job(client, len(characters))
        self._desk.pasting = True
        self._tell(job)
        try:
            await self._run(job, characters, delay)
        except Undelivered as undelivered:
            self._end(job, str(undelivered))
        if job.reason:
            raise Stopped(job.reason, job.typed, job.total)
        self._end(job)

    def stop(self, reason: str) -> bool:
        """End the job after the character that was begun, all of whose reports are on their way when this returns. Whether there was one."""
        job = self._job
        if job is None:
            return False
        while job.rest:
            self._keys.send(job.rest.popleft())
        job.typed += 1
        self._end(job, reason)
        return True

    def passed(self, control: Control) -> None:
        """The lease went to somebody, who may type at once."""
        if self._job is not None and self._job.client != control.client:
            self.stop("control went to somebody else" if control.client is not None else "control was given back")

    async def _run(self, job: _Job, characters: Sequence[Reports], delay: float) -> None:
        """Raises Undelivered."""
        for character in characters:
            job.rest.extend(character)
            while job.rest:
                await self._keys.deliver(job.rest.popleft())
                if delay:
                    await self._sleep(delay)
            if job.reason:
                return
            job.typed += 1
            if self._clock() >= self._news:
                self._tell(job)

    def _end(self, job: _Job, reason: str = "") -> None:
        if self._job is job:
            job.reason = reason
            self._job = None
            self._desk.pasting = False
            self._tell(job)

    def _tell(self, job: _Job) -> None:
        client = None if self._job is None else job.client
        self._publish(Paste(client, job.typed, job.total, job.reason))
        self._news = self._clock() + _NEWS
