"""The owner's own shortcuts: keys to press together, by a name, kept on the card."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from app import durable
from app.hid.usages import MODIFIERS, UnknownKey, known

MOST = 32
LONGEST = 40
"""Characters of a name."""
_TOGETHER = 6
"""Keys that a boot keyboard reports at once, modifiers aside."""


class BadShortcut(ValueError):
    """It cannot be kept; the words say why, and what can."""


class NoShortcut(LookupError):
    """There is none of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no shortcut {name!r}")


class Shortcuts:
    """All of them, in the order in which they were made.

    Args:
        path: the file they are kept in; what cannot be read there counts as none, and is told in the log.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, tuple[str, ...]] = {}
        try:
            self._kept = {name: _checked(name, keys) for name, keys in json.loads(path.read_bytes()).items()}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, AttributeError) as error:
            logging.getLogger(__name__).warning("%s is not used: %s", path, error)

    def all(self) -> dict[str, tuple[str, ...]]:
        """Name to `KeyboardEvent.code`s, in the order in which they go down."""
        return dict(self._kept)

    def put(self, name: object, keys: object) -> None:
        """Keep one, in the place of another of that name. Raises BadShortcut, UnknownKey, OSError."""
        keys = _checked(name, keys)
        assert isinstance(name, str)
        if name not in self._kept and len(self._kept) >= MOST:
            raise BadShortcut(f"there are {MOST} shortcuts already, which is the most")
        self._save({**self._kept, name: keys})

    def remove(self, name: str) -> None:
        """Forget one. Raises NoShortcut, OSError."""
        if name not in self._kept:
            raise NoShortcut(name)
        self._save({other: keys for other, keys in self._kept.items() if other != name})

    def _save(self, kept: dict[str, tuple[str, ...]]) -> None:
        durable.replace(self._path, json.dumps(kept).encode())
        self._kept = kept


def _checked(name: object, keys: object) -> tuple[str, ...]:
    """The keys. Raises BadShortcut, UnknownKey."""
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST or not name.isprintable():
        raise BadShortcut(f"name has value {name!r}, expected 1 to {LONGEST} printable characters")
    if not isinstance(keys, list) or not keys or not all(isinstance(code, str) for code in keys):
        raise BadShortcut(f"keys has value {keys!r}, expected a list of KeyboardEvent.codes")
    for code in keys:
        if not known(code):
            raise UnknownKey(code)
    if len(set(keys)) < len(keys) or sum(code not in MODIFIERS for code in keys) > _TOGETHER:
        raise BadShortcut(f"keys has value {keys!r}, expected each once, and at most {_TOGETHER} beside modifiers")
    return tuple(keys)
