"""Who knocks, before anything is known about them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from."""

    address: str
    agent: str = ""
    """What the browser calls itself."""
