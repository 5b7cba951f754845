"""The target's last frame, small and dithered, for a panel that knows black and white."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable

from app.status import Device, Thumbnail
from app.video.snapshot import SnapshotError, jpeg

LARGEST = (96, 54)
"""Pixels."""
_INTERVAL = 60.0
"""Seconds; the panel draws such changes no faster."""
_PATIENCE = 10.0
"""Seconds for a key frame: the signal may go while one is awaited."""


async def follow(
    device: Callable[[], Device], key_frame: Callable[[], Awaitable[bytes]], publish: Callable[[Thumbnail], None]
) -> None:
    """Publish a small picture each minute while there is a signal; without one the last stays. Runs until cancelled.

    `key_frame` gives the next key frame (Annex B), and may take for ever.
    """
    loop = asyncio.get_running_loop()
    while True:
        if device().signal.state == "locked":
            try:
                async with asyncio.timeout(_PATIENCE):
                    unit = await key_frame()
                publish(await loop.run_in_executor(None, thumbnail, unit))
            except (TimeoutError, SnapshotError):
                pass  # the next one will do; why there is no picture is the signal's and the encoder's to say
        await asyncio.sleep(_INTERVAL)


def thumbnail(key_unit: bytes) -> Thumbnail:
    """Decode a key frame, shrink and dither it. Takes a tenth of a second of one core. Raises SnapshotError."""
    from PIL import Image

    picture = Image.open(io.BytesIO(jpeg(key_unit)))
    picture.draft("L", LARGEST)
    picture.thumbnail(LARGEST)
    dithered = picture.convert("L").convert("1")
    return Thumbnail(*dithered.size, dithered.tobytes().hex())
