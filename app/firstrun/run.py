"""One start of the device, as far as the card has a say in it: the plan's steps in the order that survives a power cut."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial

from app.chance import Chance
from app.firstrun.card import Card
from app.firstrun.customisation import Customisation, Refused, named
from app.firstrun.files import SAMPLE
from app.firstrun.outcome import Outcome
from app.firstrun.plan import Found, Record, Refusal, in_force, judge
from app.firstrun.steps import Steps
from app.firstrun.vault import Vault


class Run:
    """Goes through it once.

    Args:
        card: where the file is.
        vault: where it is kept.
        steps: what follows from it.
        chance: salts passwords.
        lasts: whether the data partition is one. What only memory has stays on the card as well.
    """

    def __init__(self, card: Card, vault: Vault, steps: Steps, chance: Chance, *, lasts: bool) -> None:
        self._card = card
        self._vault = vault
        self._steps = steps
        self._chance = chance
        self._lasts = lasts
        self._made: tuple[str, ...] = ()
        """What this start has set, by name."""
        self.troubles: list[str] = []
        """What did not work, in words; nothing of it is the owner's mistake."""

    def once(self, default: str) -> Outcome:
        """Everything; `default` is the host name of a device that has none, or empty. What there is to tell about it."""
        found, refusal = None, ""
        ignored: tuple[str, ...] = ()
        unread: tuple[str, ...] = ()
        record, holds = Record(), False
        try:
            found = self._card.find()
            ignored = self._card.ignored()
            unread = self._card.unread(found.name) if found is not None else ()
        except OSError as error:
            self._failed("the card's first partition cannot be read", error)
        try:
            record = self._vault.record()
            if found is not None and not in_force(found, record):
                record, refusal = self._taken(found, record)
            ours = found is not None and in_force(found, record)
            self._made_true(found if ours else None, record)
            holds = ours
        except (OSError, Refused) as error:
            self._failed("the customisation could not be kept, and is tried again at the next start", error)
        try:
            self._steps.let_in(record.wanted if holds else Customisation())
            self._steps.note(self._made)
            self._steps.now(default)
        except OSError as error:
            self._failed("the customisation is not in force", error)
        name = found.name if found is not None else ""
        notes = [f"{each} is not read, because there is {name}" for each in unread]
        return Outcome(name, refusal, (*self.troubles, *notes, *(record.warnings if holds else ())), ignored)

    def _taken(self, found: Found, record: Record) -> tuple[Record, str]:
        """The record of a new file; or the one before, and why. Raises OSError."""
        from app.firstrun.formats import World  # only a new file needs it

        known = self._vault.refusal()
        if found.mark == known.mark:
            return record, known.words
        try:
            made = judge(
                found, World(record.wanted, self._steps.is_zone, partial(_hashed, self._chance)), self._steps.chosen()
            )
        except Refused as error:
            with suppress(OSError):  # then it is judged again at the next start
                self._vault.refuse(Refusal(found.mark, str(error)))
            return record, str(error)
        except Exception as error:  # noqa: BLE001 - the system has to get its name and the panel its words, whatever is in the file
            # Not remembered: another version may understand it.
            kind = type(error).__name__
            return record, f"the file is one that this version cannot judge ({kind}), expected one like {SAMPLE}"
        return self._vault.keep(made), ""

    def _made_true(self, found: Found | None, record: Record) -> None:
        """Make what lasts, star out the file's secrets if it is the one in force, and remember that. Raises OSError.

        A card that is full takes no networks: then the owner's file is still whole.
        """
        after = record
        if not record.done:
            self._steps.last(record.wanted)
            after = replace(after, done=True)
        if found is not None and self._lasts and record.original:
            after = self._starred(found, after)
        if after != record:
            self._vault.keep(after)
        if after.done and not record.done:
            self._made = named(record.wanted)

    def _starred(self, found: Found, record: Record) -> Record:
        """The record once the card has no secrets of its any more; the same when they could not be starred out."""
        try:
            if found.content != record.clean:
                self._card.overwrite(found.name, record.clean)
        except OSError as error:
            self._failed("the passwords are still on the card", error)
            return record
        return replace(record, original=b"", clean=b"")

    def _failed(self, words: str, error: OSError | Refused) -> None:
        self.troubles.append(f"{words}: {getattr(error, 'strerror', None) or error}")


def _hashed(chance: Chance, password: str, user: str) -> str:
    from app.auth import passwords  # only a new file needs it
    from app.auth.errors import NotAcceptable

    try:
        return passwords.digest(passwords.acceptable(password, user), chance)
    except NotAcceptable as error:
        raise ValueError(str(error)) from error
