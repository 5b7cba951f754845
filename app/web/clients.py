"""The open control sockets, by number."""

from __future__ import annotations

from collections.abc import Callable

Send = Callable[[str, object], None]
"""Tells a client an event: its type, and what it is about."""


class Clients:
    """Gives each socket a number that is never used again."""

    def __init__(self) -> None:
        self._open: dict[int, Send] = {}
        self._last = 0

    def join(self, send: Send) -> int:
        """A new socket's number."""
        self._last += 1
        self._open[self._last] = send
        return self._last

    def leave(self, number: int) -> None:
        """The socket is closed."""
        self._open.pop(number, None)

    def tell(self, number: int | None, event_type: str, event: object) -> None:
        """Tell one client; one that is gone is not told."""
        if number in self._open:
            self._open[number](event_type, event)
