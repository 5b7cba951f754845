"""Changes to what is kept: one after the other, on a thread of its own, because a card may take its time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class NotKept(OSError):
    """The card did not take a change, which is not true then; `strerror` says why."""


class Writer:
    """One for all: changes are made in the order in which they are asked for."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "writer")

    async def durably(self, change: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """Make a change: it is true, and on the card, when this returns, and the event loop does not wait.

        Raises NotKept for any OSError of the change, and whatever else it does.
        """
        try:
            return await asyncio.wrap_future(self.submit(change, *arguments, **named))
        except OSError as error:
            raise NotKept(error.errno, error.strerror, error.filename) from error

    def submit(self, change: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> Future[R]:
        """Have a change made without waiting for it."""
        return self._thread.submit(change, *arguments, **named)

    def close(self) -> None:
        """End, once all is made that was asked for."""
        self._thread.shutdown()
