"""When the next frame has to be a key frame."""

from __future__ import annotations

from typing import Final

INTERVAL: Final = 500_000
"""Between two key frames on request: they are large, and everybody pays for them."""
PAUSE: Final = 500_000
"""After so long without a frame the next is a key frame: nobody knows what has been missed. Microseconds, both."""


class Keys:
    """Gathers requests for one encoder's key frames. Times are in microseconds, of one clock."""

    def __init__(self) -> None:
        self._wanted = False
        self._last_key: int | None = None
        self._last_frame: int | None = None

    def want(self) -> None:
        """Somebody needs a key frame."""
        self._wanted = True

    def delivered(self, now: int) -> None:
        """The source delivered."""
        if self._last_frame is not None and now - self._last_frame > PAUSE:
            self._wanted = True
        self._last_frame = now

    def due(self, now: int) -> bool:
        """Whether to ask the encoder for one with the frame that goes in now. Its first frame is one anyway."""
        if self._last_key is None:
            self._wanted, self._last_key = False, now
            return False
        if not self._wanted or now - self._last_key < INTERVAL:
            return False
        self._wanted, self._last_key = False, now
        return True
