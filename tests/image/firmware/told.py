"""What the tests start from: the device's own files, changed by a line or two."""

from __future__ import annotations

from pathlib import Path

from image.firmware.config import Config, read
from image.firmware.facts import parse

FOLDER = Path(__file__).resolve().parents[3] / "firmware-config"
FACTS = parse((FOLDER / "known.toml").read_text())
SHIPPED = (FOLDER / "config.txt").read_text()


def told(*added: str, without: str = "") -> Config:
    """The device's config.txt with lines added at the end, and without those that begin with `without`."""
    lines = [line for line in SHIPPED.splitlines() if not (without and line.startswith(without))]
    return read("\n".join([*lines, *added]), FACTS)
