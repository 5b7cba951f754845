"""Single raw frames for whoever asks: the only raw bytes that are read on the way of the live picture, and only when asked for."""

from __future__ import annotations

from collections import deque
from contextlib import suppress

from app.video import dmabuf
from app.video.frame import RawFormat
from app.video.picture import Picture, PictureError
from app.video.snapshot import Deliver


class Grabs:
    """Who waits for the next frame's bytes; any thread may add and remove."""

    def __init__(self) -> None:
        self._waiting: deque[Deliver] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, deliver: Deliver) -> None:
        """Give the next frame, or why it cannot be read, to `deliver` on the video thread."""
        self._waiting.append(deliver)

    def remove(self, deliver: Deliver) -> None:
        """Nobody waits for that any more; does nothing when it was delivered."""
        with suppress(ValueError):
            self._waiting.remove(deliver)

    def serve(self, raw: RawFormat, dmabuf_descriptor: int) -> None:
        """Copy the frame once for all who wait now: whoever comes meanwhile is there for the next."""
        count = len(self._waiting)
        try:
            picture: Picture | Exception = Picture(raw, dmabuf.read(dmabuf_descriptor, raw.sizeimage))
        except (OSError, PictureError) as error:
            picture = error
        with suppress(IndexError):  # one may have left meanwhile
            for _waiting in range(count):
                self._waiting.popleft()(picture)
