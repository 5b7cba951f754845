"""What can go wrong with the network's own services."""

from __future__ import annotations


class NetError(Exception):
    """The root of this package's errors."""


class NoService(NetError):
    """Nobody answers: the message bus or the service behind it is not there, or has gone."""


class NotDone(NetError):
    """The service refuses; the words are its own.

    Args:
        name: of the D-Bus error.
        words: for the log, and for whoever asked.
    """

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words or name)
        self.name = name
