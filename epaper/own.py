"""What the panel's process knows without the daemon."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Own:
    """The device itself, as far as one can see from beside it."""

    host: str
    addresses: tuple[str, ...] | None = None
    """The machine's, IPv4 first; None where the kernel cannot be asked. They outrank the daemon's, which may hang."""
    version: str = ""
    boots: int | None = None
    """How many starts the device has seen, this one included."""
    complaint: str = ""
    """What is wrong with the settings, or nothing."""
