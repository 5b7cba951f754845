"""What tells this machine from every other one: its serial number, and its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

HOSTNAME: Final = "letters, digits and hyphens: at most 63, no hyphen first or last, and not localhost"
"""What `is_hostname` accepts, in words."""
_LABEL: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def serial(root: Path) -> str | None:
    """The board's serial number; None elsewhere.

    Not one made of the machine's id, which is new at each start: the target would take the device for another each time.
    """
    board = root / "proc/device-tree/serial-number"
    return board.read_text().rstrip("\0\n") if board.is_file() else None


def is_hostname(text: str) -> bool:
    """One label of a host's name, without a domain (RFC 1123)."""
    return _LABEL.fullmatch(text) is not None and text.lower() != "localhost"
