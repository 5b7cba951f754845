"""What the glass shows, for others: two files in the service's run folder, each replaced in one step."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from epaper.ledger import Ledger
from epaper.page import Page
from epaper.picture import PngFile

PICTURE, FACTS = "panel.png", "panel.json"


class Mirror:
    """Nothing is there before something was drawn, nor after the panel failed: nobody knows then what it shows."""

    def __init__(self, folder: Path, log: Callable[[str], None], uptime: Callable[[], float]) -> None:
        """Whatever an earlier run left in `folder` is removed. `uptime` is CLOCK_BOOTTIME in seconds."""
        self._uptime = uptime
        self._folder = folder
        self._picture = PngFile(folder / PICTURE)
        self._facts = folder / FACTS
        self._log = log
        self._complaint = ""
        self.forget()

    def show(self, frame: bytes, page: Page, stamp: str, ledger: Ledger) -> None:
        """The glass shows `frame`, which is `page`. That it cannot be written is said once."""
        facts = {
            "page": type(page).__name__,
            "as_of": stamp,
            "drawn": self._uptime(),
            "boots": ledger.boots,
            "flashing_refreshes": ledger.counts.flashing,
            "partial_refreshes": ledger.counts.partial,
        }
        try:
            self._picture.write(frame)
            draft = self._facts.with_name(f".{FACTS}.partial")
            draft.write_text(json.dumps(facts))
            draft.replace(self._facts)
            complaint = ""
        except OSError as error:
            self.forget()
            complaint = f"cannot show the panel's picture to others: {error}"
        if complaint and complaint != self._complaint:
            self._log(complaint)
        self._complaint = complaint

    def forget(self) -> None:
        """What the glass shows is not known any more."""
        for name in (PICTURE, FACTS):
            (self._folder / name).unlink(missing_ok=True)
