"""Asks the video thread for the next frame, with or without viewers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from app.video.picture import Picture

Deliver = Callable[[Picture | Exception], object]


class Grabber(Protocol):
    """The video thread, seen from any other."""

    def grab(self, deliver: Deliver) -> None:
        """Give the next frame, or why it cannot be read, to `deliver` on the thread; waits for ever without a signal."""

    def withdraw(self, deliver: Deliver) -> None:
        """Nobody waits for that any more; does nothing when it was delivered."""


async def snapshot(thread: Grabber) -> Picture:
    """The next frame. Waits for ever without a signal. Raises OSError and PictureError."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[Picture] = loop.create_future()

    def settle(delivered: Picture | Exception) -> None:
        if result.done():
            return
        if isinstance(delivered, Exception):
            result.set_exception(delivered)
        else:
            result.set_result(delivered)

    def deliver(delivered: Picture | Exception) -> None:
        loop.call_soon_threadsafe(settle, delivered)

    thread.grab(deliver)
    try:
        return await result
    finally:
        thread.withdraw(deliver)
