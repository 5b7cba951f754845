"""Connections that stand on a grant: they end when it does."""

from __future__ import annotations

from collections.abc import Callable

from app.auth.roles import Grant

Close = Callable[[], None]


class Standing:
    """The open ones. One for all: grants end seldom, and connections are few."""

    def __init__(self) -> None:
        self._open: dict[Close, Grant] = {}

    def add(self, grant: Grant, close: Close) -> None:
        """A connection is open; `close` will be called once if the grant ends."""
        self._open[close] = grant

    def discard(self, close: Close) -> None:
        """The connection is gone by itself."""
        self._open.pop(close, None)

    def end(self, which: Callable[[Grant], bool]) -> None:
        """Close those that `which` is true of."""
        for close in [close for close, grant in self._open.items() if which(grant)]:
            del self._open[close]
            close()
