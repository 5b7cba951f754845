"""The page: static files, public, because it is what asks for the password."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tornado.web import HTTPError, StaticFileHandler

from app.web import errors
from app.web.discreet import Discreet
from app.web.guard import check_host, harden

FOLDER = Path(__file__).parent.parent / "ui"


class Page(Discreet, StaticFileHandler):
    """Files of `app/ui`. Browsers keep them but ask each time whether they changed: after an update nobody sees an old page."""

    def set_default_headers(self) -> None:
        """The same as everywhere."""
        harden(self)

    def prepare(self) -> None:
        """A name that is not ours is answered in words a person can act on."""
        try:
            check_host(self)
        except errors.WrongHost as error:
            self.set_status(errors.STATUS[type(error)])
            self.set_header("Content-Type", "text/plain; charset=UTF-8")
            self.finish(f"{error}\n")

    def parse_url_path(self, url_path: str) -> str:
        """Tornado would hand a null byte on to the file system, which raises ValueError."""
        if not url_path.isprintable():
            raise HTTPError(404)
        return super().parse_url_path(url_path)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Tornado would answer with a page of its own."""
        self.set_header("Content-Type", "text/plain; charset=UTF-8")
        self.finish(f"{self._reason}\n")

    def set_extra_headers(self, path: str) -> None:
        """Instead of `no-store`."""
        self.set_header("Cache-Control", "no-cache")
