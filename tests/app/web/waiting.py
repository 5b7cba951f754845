"""The simulated appliance, which says in its log when its event loop waits for the card. What happens before it is ready does not count."""

from __future__ import annotations

import asyncio
import os
import sys

from app import __main__ as appliance
from tests.loop import guarded

SAID = "the event loop waits for"


def say(path: str) -> None:
    """Into the log."""
    print(f"{SAID} {path}", file=sys.stderr, flush=True)


async def ready(loop: asyncio.AbstractEventLoop) -> None:
    """From now on."""
    os.fsync = guarded(say)  # type: ignore[assignment]
    await stop_requested(loop)


if __name__ == "__main__":
    stop_requested = appliance._stop_requested
    appliance._stop_requested = ready
    sys.exit(appliance.main())
