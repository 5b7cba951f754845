"""The panel as its service leaves it in the run folder, and what browsers may ask of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from app.bus import Bus
from app.clock import Clock
from app.status import Panel
from app.web import errors

PAGES = ("fingerprint",)
_SECRET = ("SetUp", "Join")
"""Pages that say how to get in. The glass keeps one for some seconds after the device has an owner."""
_SHOWN_FOR = 300.0
"""Seconds until the panel goes back to its usual page."""


class Glass:
    """Reads only what the panel's service has written: a service that does not run shows nothing."""

    def __init__(self, folder: Path, bus: Bus, clock: Clock) -> None:
        self._folder = folder
        self._bus = bus
        self._clock = clock
        self._timer: asyncio.TimerHandle | None = None

    def picture(self) -> tuple[bytes, float | None]:
        """The PNG, and when it was drawn (POSIX time), None while the device does not know what time it is.

        Raises Unavailable, and Forbidden while the device has no owner.
        """
        facts, now = self.facts(), self._clock.true()
        # By the time since the machine's start: the clock may have been set since then, and the file's date is of before.
        return self._read("panel.png"), None if now is None else now - (self._clock.uptime() - facts["drawn"])

    def facts(self) -> dict[str, Any]:
        """Which page it is, how old, and how often the glass was refreshed. Raises as `picture` does."""
        if self._bus.device.claim is not None or self._bus.device.hotspot is not None:
            raise _way_in()
        facts: dict[str, Any] = json.loads(self._read("panel.json"))
        if facts["page"] in _SECRET:
            raise _way_in()
        return facts

    def show(self, page: str) -> None:
        """Show one of PAGES for five minutes, or with an empty name the usual page again. Raises BadRequest."""
        if page and page not in PAGES:
            raise errors.BadRequest(f"page is {page!r}, expected {' or '.join(PAGES)}, or nothing for the usual one")
        if self._timer is not None:
            self._timer.cancel()
        self._bus.publish(Panel(page))
        self._timer = asyncio.get_running_loop().call_later(_SHOWN_FOR, self._bus.publish, Panel()) if page else None

    def _read(self, name: str) -> bytes:
        path = self._folder / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise errors.Unavailable(
                "nobody knows what the panel shows: it is absent, or its service does not run"
            ) from None
        except OSError as error:
            raise errors.Unavailable(f"the panel's picture cannot be read: {error.strerror}") from error


def _way_in() -> errors.Forbidden:
    return errors.Forbidden("while it says how to get in, the panel is for those who stand before it")
