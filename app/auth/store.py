"""A list of records in one JSON file, mode 0600, replaced as a whole: after a power cut it is the old list or the new one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app import durable
from app.auth.errors import BadState

Record = dict[str, Any]
FOLDER, HOSTS = "access", "hosts.txt"
"""Below the state folder: where all such files are, and names that came from the card."""


class Store:
    """One file. Its folder is made, for the owner alone, with the first record; `owner` is who gets both."""

    def __init__(self, path: Path, owner: durable.Owner | None = None) -> None:
        self._path = path
        self._owner = owner

    def load(self) -> list[Record]:
        """The records; none where there is no file. Raises BadState."""
        try:
            content = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise self.bad(str(error)) from error
        if not isinstance(content, list) or not all(isinstance(record, dict) for record in content):
            raise self.bad("expected a list of objects")
        return content

    def save(self, records: list[Record]) -> None:
        """Replace them all, durably. Raises OSError, and then the old ones are still there."""
        durable.folder(self._path.parent, self._owner)
        durable.replace(self._path, json.dumps(records, indent=1).encode(), owner=self._owner)

    def bad(self, why: str) -> BadState:
        """The error for a file that cannot be used."""
        return BadState(f"{self._path}: {why}; resetting access (SECURITY.md) makes a new one")
