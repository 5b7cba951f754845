"""The encoder seen from outside: still pictures, and a rate of one's own choice."""

from __future__ import annotations

import asyncio

from app.video import snapshot
from app.web import errors
from app.web.guard import Guarded

_PATIENCE = 5.0
"""Seconds to wait for a key frame: an encoder that was idle has to start first."""
_SLOWEST, _FASTEST = 25, 20_000
"""kbit/s; what the board's encoder takes."""


class Snapshot(Guarded):
    """`GET /api/streamer/snapshot`."""

    role = "viewer"

    async def get(self) -> None:
        """A JPEG, with or without viewers; 503 and the reason without a signal."""
        signal = self.services.bus.device.signal
        if signal.state != "locked":
            raise errors.Unavailable(f"no picture: {signal.reason or signal.state}")
        try:
            async with asyncio.timeout(_PATIENCE):
                unit = await self.services.hub.key_frame()
        except TimeoutError:
            raise errors.Unavailable(f"the encoder gave no key frame within {_PATIENCE:.0f} s") from None
        jpeg = await asyncio.get_running_loop().run_in_executor(None, snapshot.jpeg, unit.data)
        self.set_header("Content-Type", "image/jpeg")
        self.finish(jpeg)


class Parameters(Guarded):
    """`POST /api/streamer/set_params`."""

    role = "operator"

    def post(self) -> None:
        """Query `h264_bitrate`: kbit/s for all viewers whatever their links carry, or 0 to follow the links."""
        text = self.get_query_argument("h264_bitrate", "")
        if not (text.isascii() and text.isdigit()) or not (int(text) == 0 or _SLOWEST <= int(text) <= _FASTEST):
            raise errors.BadRequest(
                f"h264_bitrate has value {text!r}, expected kbit/s from {_SLOWEST} to {_FASTEST}, or 0 to follow the viewers"
            )
        self.services.hub.fix_bitrate(int(text) * 1000 or None)
        self.answer({})
