"""How the bridge is wired to the processor, by the device tree."""

from __future__ import annotations

from pathlib import Path

from app.video.receiver import BOARD, Link

RECEIVER = "unicam"
"""The driver behind the board's CSI connector, whichever version of it."""


def lanes(driver: str, sysfs: Path = Path("/sys")) -> Link | None:
    """The lanes between the bridge and a driver's receiver, as the device tree says; None where there are none to count."""
    return board(sysfs) if driver == RECEIVER else None


def board(sysfs: Path = Path("/sys")) -> Link:
    """The lanes that there are, or would be with the overlay's defaults."""
    for endpoint in (sysfs / "bus/i2c/drivers/tc358743").glob("*/of_node/port*/endpoint*"):
        try:
            count = len((endpoint / "data-lanes").read_bytes()) // 4
            cycles = int.from_bytes((endpoint / "link-frequencies").read_bytes()[:8], "big")
        except OSError:
            continue
        if count and cycles:
            return Link(count, 2 * cycles)
    return BOARD
