"""Counts what the glass and the device go through, over their whole life: refreshes wear the one, power cuts the other."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from app import durable
from epaper.policy import Action

SAVE_EVERY = 10
"""Refreshes that a power cut may leave uncounted: a card wears out, too."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Since the device was new. `boot` is the kernel's name for the latest start."""

    boot: str = ""
    boots: int = 0
    flashing: int = 0
    partial: int = 0


class Ledger:
    """One small file. Where it cannot be kept the refreshes of this run are counted, and the starts are not known."""

    def __init__(self, path: Path, boot: str, log: Callable[[str], None], *, lasts: bool = True) -> None:
        """Read the file and count this start, if it is one; `save` makes it count, for who has the time to wait for the card.

        `boot` names the start (`/proc/sys/kernel/random/boot_id`); `lasts` says whether the file is there at the next one.
        """
        self._path = path
        self._log = log
        self._unsaved = 0
        self._lasts = lasts
        self._kept = os.access(path.parent, os.W_OK)
        self._said = False
        counts = self._load()
        self.counts = counts if counts.boot == boot else replace(counts, boot=boot, boots=counts.boots + 1)

    @property
    def boots(self) -> int | None:
        """Starts, this one included; None when they cannot be counted."""
        return self.counts.boots if self._kept and self._lasts else None

    def drew(self, action: Action) -> None:
        """Count a refresh."""
        if action == "partial":
            self.counts = replace(self.counts, partial=self.counts.partial + 1)
        else:
            self.counts = replace(self.counts, flashing=self.counts.flashing + 1)
        self._unsaved += 1
        if self._unsaved >= SAVE_EVERY:
            self.save()

    def save(self) -> None:
        """Write the file. That it cannot be written is said once."""
        self._unsaved = 0
        try:
            durable.replace(self._path, json.dumps(asdict(self.counts)).encode())
        except OSError as error:
            if not self._said:
                self._log(f"starts and refreshes are not counted: {self._path}: {error.strerror or error}")
            self._kept, self._said = False, True
        else:
            self._kept, self._said = True, False

    def _load(self) -> Counts:
        try:
            raw = json.loads(self._path.read_bytes())
            if not isinstance(raw, dict) or any(type(raw.get(key.name)).__name__ != key.type for key in fields(Counts)):
                raise ValueError("not what was written")  # noqa: TRY301 - one way to say so
            return Counts(**{key.name: raw[key.name] for key in fields(Counts)})
        except FileNotFoundError:
            return Counts()
        except (OSError, ValueError) as error:
            self._log(f"starts and refreshes are counted from the beginning: {self._path}: {error}")
            return Counts()
