"""The panel as its service leaves it in the run folder, and what browsers may ask of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from app.bus import Bus
from app.status import Panel
from app.web import errors

PAGES = ("fingerprint",)
_SHOWN_FOR = 300.0
"""Seconds until the panel goes back to its usual page."""


class Glass:
    """Reads only what the panel's service has written: a service that does not run shows nothing."""

    def __init__(self, folder: Path, bus: Bus) -> None:
        self._folder = folder
        self._bus = bus
        self._timer: asyncio.TimerHandle | None = None

    def picture(self) -> tuple[bytes, float]:
        """The PNG, and when it was drawn (POSIX time). Raises Unavailable, and Forbidden while the device has no owner."""
        return self._read("panel.png")

    def facts(self) -> dict[str, Any]:
        """Which page it is, how old, and how often the glass was refreshed. Raises as `picture` does."""
        facts: dict[str, Any] = json.loads(self._read("panel.json")[0])
        return facts

    def show(self, page: str) -> None:
        """Show one of PAGES for five minutes, or with an empty name the usual page again. Raises BadRequest."""
        if page and page not in PAGES:
            raise errors.BadRequest(f"page is {page!r}, expected {' or '.join(PAGES)}, or nothing for the usual one")
        if self._timer is not None:
            self._timer.cancel()
        self._bus.publish(Panel(page))
        self._timer = asyncio.get_running_loop().call_later(_SHOWN_FOR, self._bus.publish, Panel()) if page else None

    def _read(self, name: str) -> tuple[bytes, float]:
        if self._bus.device.claim is not None:
            raise errors.Forbidden("until somebody owns the device, its panel is for those who stand before it")
        path = self._folder / name
        try:
            return path.read_bytes(), path.stat().st_mtime
        except FileNotFoundError:
            raise errors.Unavailable("the panel has drawn nothing: it is absent, or its service does not run") from None
        except OSError as error:
            raise errors.Unavailable(f"the panel's picture cannot be read: {error.strerror}") from error
