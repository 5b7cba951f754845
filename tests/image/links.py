"""The links of the root file system, as the image's table has them."""

from __future__ import annotations

from pathlib import Path

TABLE = Path(__file__).resolve().parents[2] / "image/stage-inkvm/01-overlay/links"

LINKS = dict(line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#"))
"""What each leads to, by its path without a leading slash."""
