"""The target's last frame, small and dithered, for a panel that knows black and white."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from app.status import Device, Thumbnail
from app.video.picture import Picture, PictureError

LARGEST = (96, 54)
"""Pixels."""
_INTERVAL = 60.0
"""Seconds; the panel draws such changes no faster."""
_PATIENCE = 10.0
"""Seconds for a frame: the signal may go while one is awaited."""


async def follow(
    device: Callable[[], Device], snapshot: Callable[[], Awaitable[Picture]], publish: Callable[[Thumbnail], None]
) -> None:
    """Publish a small picture each minute while there is a signal, and none when it cannot be had: what is shown with a
    signal is of now. Without a signal the last stays. Runs until cancelled.

    `snapshot` gives the next frame, and may take for ever.
    """
    while True:
        if device().signal.state == "locked":
            try:
                async with asyncio.timeout(_PATIENCE):
                    picture = await snapshot()
                publish(await asyncio.to_thread(thumbnail, picture))
            except (TimeoutError, OSError, PictureError):
                publish(Thumbnail(0, 0, ""))  # why there is none is the signal's and the encoder's to say
        await asyncio.sleep(_INTERVAL)


def thumbnail(picture: Picture) -> Thumbnail:
    """Shrink and dither a frame. Takes a tenth of a second of one core."""
    small = picture.grey()
    small.thumbnail(LARGEST)
    return Thumbnail(*small.size, small.convert("1").tobytes().hex())
