"""What only root knows on the data partition: the file in force, with its secrets, and the one that was refused. [e]"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app import durable
from app.firstrun.customisation import from_dict, known, to_dict
from app.firstrun.plan import Record, Refusal

_BODIES = ("original", "clean")
"""What of a record is bytes."""


class Vault:
    """A folder, 0700, of the process's own. The folder around it is the daemon's, who may have put something in its place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def record(self) -> Record:
        """The file in force; an empty record where there is none, or none that can be understood. Raises OSError."""
        try:
            found = self._load("record.json")
            bodies = {name: base64.b64decode(found[name]) for name in _BODIES}
            return Record(**{**known(Record, found), **bodies, "wanted": from_dict(found["wanted"])})
        except (ValueError, TypeError, KeyError, AttributeError):
            return Record()

    def keep(self, record: Record) -> Record:
        """Make it the one in force, durably. Raises OSError, and then the one before still is."""
        made = asdict(record)
        made["wanted"] = to_dict(record.wanted)
        for name in _BODIES:
            made[name] = base64.b64encode(made[name]).decode()
        self._save("record.json", made)
        return record

    def refusal(self) -> Refusal:
        """The file that was refused last. Raises OSError."""
        try:
            return Refusal(**self._load("refused.json"))
        except (ValueError, TypeError):
            return Refusal()

    def refuse(self, refusal: Refusal) -> None:
        """Remember it, durably. Raises OSError."""
        self._save("refused.json", asdict(refusal))

    def _load(self, name: str) -> dict[str, Any]:
        durable.folder(self._folder)
        try:
            found = json.loads((self._folder / name).read_bytes())
        except FileNotFoundError:
            return {}
        if not isinstance(found, dict):
            raise ValueError(f"{name} is no object")
        return found

    def _save(self, name: str, content: dict[str, Any]) -> None:
        durable.folder(self._folder)
        durable.replace(self._folder / name, json.dumps(content).encode())
