"""The page: static files, public, because it is what asks for the password."""

from __future__ import annotations

from pathlib import Path

from tornado.web import StaticFileHandler

from app.web.guard import harden

FOLDER = Path(__file__).parent.parent / "ui"


class Page(StaticFileHandler):
    """Files of `app/ui`. Browsers keep them but ask each time whether they changed: after an update nobody sees an old page."""

    def set_default_headers(self) -> None:
        """The same as everywhere."""
        harden(self)

    def set_extra_headers(self, path: str) -> None:
        """Instead of `no-store`."""
        self.set_header("Cache-Control", "no-cache")
