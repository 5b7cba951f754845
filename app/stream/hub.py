"""Hands every encoded frame to every viewer. Theory of operation:

1. `publish` never waits: it puts the frame into each viewer's own bounded queue. One that overflows skips to the next key
   frame; nobody else notices.
2. A viewer starts at a key frame. While any viewer waits for one, it is asked of the encoder, once for all and at most once
   in `KEY_INTERVAL`: key frames are large, and the board's encoder suffers under storms of them.
3. The encoder works only while somebody wants frames: viewers, or somebody waiting for a single key frame. `demand` is told
   when that begins and ends, `audience` how many viewers there are.
4. Clocks come in from outside and are in microseconds, like the frames' own time stamps.
"""

from __future__ import annotations

import asyncio
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
        demand: told whether frames are wanted, when that changes.
        audience: told how many viewers there are, when that changes.
    """

    def __init__(
        self,
        clock: Callable[[], int],
        request_key: Callable[[], None],
        demand: Callable[[bool], None],
        audience: Callable[[int], None],
    ) -> None:
        self._clock = clock
        self._request_key = request_key
        self._demand = demand
        self._audience = audience
        self._viewers: set[Viewer] = set()
        self._stills: set[asyncio.Future[AccessUnit]] = set()
        self._demanded = False
        self._requested: int | None = None

    def join(self) -> Viewer:
        """A new viewer; its first message will be a key frame."""
        viewer = Viewer()
        self._viewers.add(viewer)
        self._audience(len(self._viewers))
        self._wanted()
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """The viewer is gone."""
        self._viewers.discard(viewer)
        self._audience(len(self._viewers))
        self._wanted()

    async def key_frame(self) -> AccessUnit:
        """The next key frame, for somebody who needs just one; waits for ever when there is no signal."""
        still: asyncio.Future[AccessUnit] = asyncio.get_running_loop().create_future()
        self._stills.add(still)
        self._wanted()
        try:
            return await still
        finally:
            self._stills.discard(still)
            self._wanted()

    def key_wanted(self, viewer: Viewer) -> None:
        """The viewer's decoder lost its way."""
        viewer.skip_to_key()
        self._ask()

    def publish(self, unit: AccessUnit) -> None:
        """A frame came out of the encoder."""
        message = encode(unit)
        for viewer in self._viewers:
            viewer.offer(message)
        if unit.key:
            for still in self._stills:
                if not still.done():
                    still.set_result(unit)
        self._ask()

    def _wanted(self) -> None:
        demanded = bool(self._viewers or self._stills)
        if demanded != self._demanded:
            self._demanded = demanded
            self._demand(demanded)
        self._ask()

    def _ask(self) -> None:
        """Ask for a key frame if somebody waits for one and the last request is long enough ago."""
        waiting = any(viewer.waits_for_key for viewer in self._viewers) or any(not s.done() for s in self._stills)
        now = self._clock()
        if waiting and (self._requested is None or now - self._requested >= KEY_INTERVAL):
            self._requested = now
            self._request_key()
