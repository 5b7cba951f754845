"""The panel, for those who are not standing before it."""

from __future__ import annotations

from datetime import UTC, datetime

from app.web.guard import Guarded


class Picture(Guarded):
    """`GET /api/panel.png`."""

    role = "operator"

    def get(self) -> None:
        """What the glass shows. `Last-Modified` says since when, where the device knows; 503 when nothing is known."""
        picture, drawn = self.services.glass.picture()
        self.set_header("Content-Type", "image/png")
        if drawn is not None:
            self.set_header("Last-Modified", datetime.fromtimestamp(drawn, UTC))
        self.finish(picture)


class Panel(Guarded):
    """`GET /api/panel`, `POST /api/panel?show=PAGE`."""

    role = "operator"

    def get(self) -> None:
        """Which page it shows, as of when, drawn how many seconds after the machine's start, and the glass's refreshes and the device's starts so far."""
        self.answer(self.services.glass.facts())

    def post(self) -> None:
        """Ask for a page, for five minutes."""
        page = self.get_query_argument("show", "")
        self.services.glass.show(page)
        self.note("panel asked", page=page)
        self.answer({})
