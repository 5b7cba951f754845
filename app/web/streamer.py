"""The video seen from outside: single pictures, and a rate of one's own choice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, get_args

from app.video.picture import Kind, Picture, PictureError, encode
from app.video.snapshot import snapshot
from app.web import errors, offline, query
from app.web.guard import Guarded

if TYPE_CHECKING:
    from PIL.Image import Image

_PATIENCE = 5.0
"""Seconds to wait for a frame: what was idle has to start first."""
_SLOWEST, _FASTEST = 25, 20_000
"""kbit/s; what the board's encoder takes."""
_LARGEST: Final = 1920
_QUALITY: Final = 85


class Snapshot(Guarded):
    """`GET /api/streamer/snapshot`, with PiKVM's parameters."""

    role = "viewer"
    turn: asyncio.Semaphore
    """Held from the frame to the file: each takes a frame's bytes, and ten times as many while it is compressed."""

    def initialize(self, turn: asyncio.Semaphore) -> None:
        """Tornado hands over what the route was made with."""
        self.turn = turn

    async def get(self) -> None:
        """The next frame, with or without viewers. Without a signal a card that says why: 503, or 200 if that is allowed."""
        kind, allowed = self._kind(), query.number(self, "allow_offline", 0, 0, 1)
        preview = query.number(self, "preview", 0, 0, 1)
        width = query.number(self, "preview_max_width", _LARGEST, 16, _LARGEST)
        height = query.number(self, "preview_max_height", _LARGEST, 16, _LARGEST)
        quality = query.number(self, "preview_quality", _QUALITY, 1, 100)
        if not preview:
            width, height, quality = _LARGEST, _LARGEST, _QUALITY

        def file(picture: Picture) -> bytes:
            return encode(_fitting(picture.colour(), width, height), kind, quality)

        self.set_header("Content-Type", f"image/{kind}")
        connection: Any = self.request.connection
        async with self.turn:
            if connection.stream.closed():
                return
            try:
                made = await asyncio.to_thread(file, await self._picture())
            except errors.Unavailable as error:
                self.set_status(200 if allowed else 503)
                made = await asyncio.to_thread(offline.card, "No picture", str(error), kind)
        self.finish(made)

    async def _picture(self) -> Picture:
        """Raises Unavailable, in words."""
        signal = self.services.bus.device.signal
        if signal.state != "locked":
            raise errors.Unavailable(signal.reason or "the input has not been looked at yet")
        try:
            async with asyncio.timeout(_PATIENCE):
                return await snapshot(self.services.video)
        except TimeoutError:
            device = self.services.bus.device
            reason = device.signal.reason or device.encoder.reason
            raise errors.Unavailable(reason or f"no frame came within {_PATIENCE:.0f} s") from None
        except (OSError, PictureError) as error:
            raise errors.Unavailable(f"the frame cannot be read: {error}") from error

    def _kind(self) -> Kind:
        text = self.get_query_argument("format", "jpeg")
        for kind in get_args(Kind):
            if text == kind:
                return kind  # type: ignore[no-any-return]
        raise errors.BadRequest(f"format has value {errors.shown(text)}, expected {' or '.join(get_args(Kind))}")


def _fitting(image: Image, width: int, height: int) -> Image:
    """Smaller if need be, in the same proportions."""
    image.thumbnail((width, height))
    return image


class Parameters(Guarded):
    """`POST /api/streamer/set_params`."""

    role = "operator"

    def post(self) -> None:
        """Query `h264_bitrate`: kbit/s for all viewers whatever their links carry, or 0 to follow the links."""
        text = self.get_query_argument("h264_bitrate", "")
        kbit = query.whole(text)
        if kbit is None or not (kbit == 0 or _SLOWEST <= kbit <= _FASTEST):
            raise errors.BadRequest(
                f"h264_bitrate has value {errors.shown(text)}, expected kbit/s from {_SLOWEST} to {_FASTEST}, or 0 to follow the viewers"
            )
        self.services.hub.fix_bitrate(kbit * 1000 or None)
        self.note("bitrate chosen", kbit=kbit)
        self.answer({})
