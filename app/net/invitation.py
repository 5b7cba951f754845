"""Name and passphrase of the device's own access point: made once, at random, and kept where only the daemon reads."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from app import durable
from app.chance import Chance

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is taken for another one on a small panel."""
_LENGTH: Final = 12
"""Of 31 letters: 59 bits, too many for who records a handshake and tries."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a telephone needs to join."""

    ssid: str
    passphrase: str


def invitation(state: Path, serial: str | None, chance: Chance) -> Invitation:
    """The device's own, made on first use. Raises OSError.

    Args:
        state: the state folder.
        serial: the board's serial number, whose end the name gets; None where there is none.
        chance: where the rest comes from.
    """
    file = state / "hotspot.json"
    try:
        return Invitation(**json.loads(file.read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        pass  # none yet, or none that can be read: whoever knew it reads the new one from the panel
    end = (serial or "")[-4:].lower()
    if not re.fullmatch(r"[0-9a-f]{4}", end):
        end = chance.draw(2).hex()
    made = Invitation(f"inkvm-{end}", chance.text(_LETTERS, _LENGTH))
    durable.replace(file, json.dumps(asdict(made)).encode())
    return made
