"""Room for connections: a crowd that says nothing, or says it slowly, cannot keep those out who are known."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from app.auth.limiter import network

MOST = 192
"""Connections at once."""
MOST_EACH = 48
"""Of one address."""


class Stream(Protocol):
    """A connection."""

    def closed(self) -> bool:
        """Whether it is gone."""

    def close(self) -> None:
        """Hang up."""


class Places:
    """Who is there, the oldest first. A connection is a stranger until its credentials were good once."""

    def __init__(self) -> None:
        self._strangers: dict[Stream, str] = {}
        self._known: dict[Stream, str] = {}

    def admit(self, stream: Stream, address: str) -> None:
        """A new connection. Where it is one too many, the longest waiting stranger goes; failing that, the new one."""
        self._strangers = {each: net for each, net in self._strangers.items() if not each.closed()}
        self._known = {each: net for each, net in self._known.items() if not each.closed()}
        net = network(address)
        counts = Counter([*self._strangers.values(), *self._known.values()])
        self._strangers[stream] = net
        if counts[net] >= MOST_EACH:
            self._dismiss(net)
        elif counts.total() >= MOST:
            self._dismiss(max(counts, key=lambda each: counts[each]))

    def know(self, stream: Stream) -> None:
        """Its credentials are good."""
        net = self._strangers.pop(stream, None)
        if net is not None:
            self._known[stream] = net

    def take_over(self, old: Stream, new: Stream) -> None:
        """The connection goes on in another object; the old one is not told any more when it ends."""
        net = self._known.pop(old, None)
        if net is not None:
            self._known[new] = net

    def _dismiss(self, net: str) -> None:
        """Hang up on the longest waiting stranger of an address, or of all where it has none."""
        oldest = next((each for each, of in self._strangers.items() if of == net), next(iter(self._strangers)))
        del self._strangers[oldest]
        oldest.close()
