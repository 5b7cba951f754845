"""The display that the target sees: its EDID, and its cable for a moment unplugged."""

from __future__ import annotations

from collections.abc import Callable

from app.video.presets import NAMES
from app.web import errors
from app.web.guard import Guarded


class Edid(Guarded):
    """`/api/streamer/edid`. Every change replugs the display."""

    role = "admin"

    def get(self) -> None:
        """Name, bytes in hexadecimal, modes in words, warnings, and the names to choose from."""
        display = self.services.display
        self.answer(
            {
                "name": display.name,
                "edid": display.edid.hex(),
                "modes": display.modes(),
                "warnings": display.warnings,
                "presets": NAMES,
            }
        )

    async def put(self) -> None:
        """`preset`, or `edid`: one of your own in hexadecimal."""
        body, display = self.json(), self.services.display
        given = {key: body[key] for key in ("preset", "edid") if key in body}
        if len(given) != 1 or not all(isinstance(value, str) for value in given.values()):
            raise errors.BadRequest("expected either preset, one of its names, or edid, in hexadecimal")
        if "preset" in given:
            await self._change(display.choose, given["preset"])
        else:
            await self._change(display.take, given["edid"].encode("utf-8", "surrogatepass"))

    async def delete(self) -> None:
        """Back to what the settings say."""
        await self._change(self.services.display.forget)

    async def _change(self, change: Callable[..., None], *choice: str | bytes) -> None:
        await self.services.writer.durably(change, *choice)
        self.note("display changed", name=self.services.display.name)
        self.services.video.show(self.services.display.edid)
        self.get()


class Replug(Guarded):
    """`/api/streamer/replug`."""

    role = "operator"

    def post(self) -> None:
        """The target sees its display gone for a second, and looks at it anew."""
        self.services.video.replug()
        self.note("display replugged")
        self.answer({})
