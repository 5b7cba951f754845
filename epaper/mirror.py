"""What the glass shows, for others: two files in the service's run folder, each replaced in one step."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from epaper.ledger import Counts
from epaper.page import Page
from epaper.picture import PngFile

PICTURE, FACTS = "panel.png", "panel.json"


class Mirror:
    """Nothing is there until something was drawn: a panel that does not work shows nothing that is known."""

    def __init__(self, folder: Path, log: Callable[[str], None]) -> None:
        """Whatever an earlier run left in `folder` is removed."""
        self._picture = PngFile(folder / PICTURE)
        self._facts = folder / FACTS
        self._log = log
        self._complaint = ""
        for name in (PICTURE, FACTS):
            (folder / name).unlink(missing_ok=True)

    def show(self, frame: bytes, page: Page, stamp: str, counts: Counts) -> None:
        """The glass shows `frame`, which is `page`. That it cannot be written is said once."""
        facts = {
            "page": type(page).__name__,
            "as_of": stamp,
            "boots": counts.boots,
            "flashing_refreshes": counts.flashing,
            "partial_refreshes": counts.partial,
        }
        try:
            self._picture.write(frame)
            draft = self._facts.with_name(f".{FACTS}.partial")
            draft.write_text(json.dumps(facts))
            draft.replace(self._facts)
            complaint = ""
        except OSError as error:
            complaint = f"cannot show the panel's picture to others: {error}"
        if complaint and complaint != self._complaint:
            self._log(complaint)
        self._complaint = complaint
