"""Still pictures of the target's screen."""

from __future__ import annotations

import asyncio

from app.video import snapshot
from app.web import errors
from app.web.guard import Guarded

_PATIENCE = 5.0
"""Seconds to wait for a key frame: an encoder that was idle has to start first."""


class Snapshot(Guarded):
    """`GET /api/streamer/snapshot`."""

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
