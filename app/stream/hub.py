"""Hands every encoded frame to every viewer. Theory of operation:

1. `publish` never waits: it puts the frame into each viewer's own bounded queue. One that overflows skips to the next key
   frame; nobody else notices.
2. A viewer starts at a key frame. While any viewer waits for one, it is asked of the encoder, once for all and at most once
   in `KEY_INTERVAL`: key frames are large, and the board's encoder suffers under storms of them.
3. The encoder works only while somebody watches: the first viewer and the last are announced through `watched`.
4. Clocks come in from outside and are in microseconds, like the frames' own time stamps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.stream.viewer import Viewer
from app.stream.wire import AccessUnit, encode

KEY_INTERVAL: Final = 500_000
"""Microseconds between two requests for a key frame."""


class Hub:
    """All viewers of the one picture. Lives on the event loop.

    Args:
        clock: microseconds, monotonic.
        request_key: asks the encoder for a key frame.
        watched: told how many viewers there are, at every change.
    """

    def __init__(
        self, clock: Callable[[], int], request_key: Callable[[], None], watched: Callable[[int], None]
    ) -> None:
        self._clock = clock
        self._request_key = request_key
        self._watched = watched
        self._viewers: set[Viewer] = set()
        self._requested: int | None = None

    def join(self) -> Viewer:
        """A new viewer; its first message will be a key frame."""
        viewer = Viewer()
        self._viewers.add(viewer)
        self._watched(len(self._viewers))
        self._ask()
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """The viewer is gone."""
        self._viewers.discard(viewer)
        self._watched(len(self._viewers))

    def key_wanted(self, viewer: Viewer) -> None:
        """The viewer's decoder lost its way."""
        viewer.skip_to_key()
        self._ask()

    def publish(self, unit: AccessUnit) -> None:
        """A frame came out of the encoder."""
        message = encode(unit)
        for viewer in self._viewers:
            viewer.offer(message)
        if any(viewer.waits_for_key for viewer in self._viewers):
            self._ask()

    def _ask(self) -> None:
        now = self._clock()
        if self._requested is None or now - self._requested >= KEY_INTERVAL:
            self._requested = now
            self._request_key()
