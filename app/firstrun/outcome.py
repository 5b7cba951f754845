"""What root's one-shot tells the daemon, in a file that the two of them alone can read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from app.status import Card


class Outcome(NamedTuple):
    """What the file came to: the daemon's `app.status.Card`, whose module would take a quarter of the one-shot's time to load."""

    file: str = ""
    refusal: str = ""
    warnings: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def tell(path: Path, outcome: Outcome, group: int | None) -> None:
    """Write it for the `group`; None for us alone. Raises OSError."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"card": outcome._asdict()}, file)
        if group is not None:
            os.fchown(descriptor, 0, group)
            os.fchmod(descriptor, 0o640)


def told(path: Path) -> Card | None:
    """Read it; None where nobody looked at a card, as in a simulation."""
    from app.status import Card  # the daemon has them anyway
    from app.status_line import from_json

    try:
        return from_json(path.read_bytes()).card
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        return Card(warnings=(f"what the card says is not known: {error}",))
