"""How long tests wait for what has to come: longer than a busy machine stands still, and not for ever."""

from __future__ import annotations

import time
from collections.abc import Iterator

SECONDS = 60.0


def tries(what: str) -> Iterator[None]:
    """Again and again, until whoever asks has seen it and goes on. Raises AssertionError when it has not come by then."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        yield
    raise AssertionError(f"no {what} within {SECONDS:.0f} s")
