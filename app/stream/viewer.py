"""One viewer's queue: bounded in frames and bytes, and never holding a frame that cannot be decoded."""

from __future__ import annotations

import asyncio
from collections import deque

from app.stream.wire import Message

MAX_FRAMES = 30
MAX_BYTES = 4 << 20


class Viewer:
    """What one socket still has to be sent. Everything here runs on the event loop.

    A viewer starts at a key frame. When its queue overflows it is emptied, and the viewer waits for the next key frame:
    whole groups are lost, never a frame in the middle of one.
    """

    def __init__(self, max_frames: int = MAX_FRAMES, max_bytes: int = MAX_BYTES) -> None:
        self.waits_for_key = True
        self.dropped = 0
        """Frames that this viewer was not given."""
        self.shown: int | None = None
        """Sequence of the last frame it says is on its screen."""
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._queue: deque[Message] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()

    def offer(self, message: Message) -> None:
        """Queue the message if this viewer can use it. Never waits."""
        if self.waits_for_key and not message.key:
            self.dropped += 1
            return
        full = len(self._queue) >= self._max_frames or self._bytes + len(message.data) > self._max_bytes
        if full and self._queue:
            self.skip_to_key()
            if not message.key:
                self.dropped += 1
                return
        self.waits_for_key = False
        self._queue.append(message)
        self._bytes += len(message.data)
        self._filled.set()

    def skip_to_key(self) -> None:
        """Forget what is queued and start again at the next key frame."""
        self.dropped += len(self._queue)
        self._queue.clear()
        self._bytes = 0
        self._filled.clear()
        self.waits_for_key = True

    async def next(self) -> Message:
        """The oldest queued message; waits for one."""
        await self._filled.wait()
        message = self._queue.popleft()
        self._bytes -= len(message.data)
        if not self._queue:
            self._filled.clear()
        return message
