"""Reads `differences.toml`: what a driver at hand does otherwise than the board's."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_TABLE = tomllib.loads((Path(__file__).parent / "differences.toml").read_text("utf-8"))
ROWS: dict[str, dict[str, Any]] = _TABLE
"""By name; each has `what`, `board`, the value of every stand-in that differs, and `source`."""


def expected(name: str, driver: str) -> Any:
    """What the driver does: the board's value, unless it is a stand-in with one of its own."""
    row = ROWS[name]
    return row.get(driver, row["board"])
