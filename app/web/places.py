"""Room for connections: a crowd that says nothing, or says it slowly, cannot keep those out who are known."""

from __future__ import annotations

from collections import Counter
from typing import Final, Protocol

from app.auth.limiter import located

MOST: Final = 192
"""Connections at once over TLS."""
MOST_EACH: Final = 48
"""Of one address, or of one account or view link; strangers count together with all of their IPv6 network, which any of them has to itself."""
MOST_PLAIN: Final = 64
"""Without TLS: each is good for one short answer."""
MOST_PLAIN_EACH: Final = 16
"""Of one address, as above."""


class Stream(Protocol):
    """A connection."""

    def closed(self) -> bool:
        """Whether it is gone."""

    def close(self) -> None:
        """Hang up."""


class Places:
    """Who is there, the oldest first. A connection is a stranger until its credentials were good once.

    Args:
        most: connections at once.
        each: of those, how many of one address, and how many that are known as somebody's.
    """

    def __init__(self, most: int, each: int) -> None:
        self._most, self._each = most, each
        self._strangers: dict[Stream, tuple[str, str]] = {}
        """With address and network."""
        self._known: dict[Stream, tuple[str, str]] = {}
        """With address, and whose credentials they were."""

    def admit(self, stream: Stream, address: str) -> None:
        """A new connection. Where it is one too many, the longest waiting stranger goes; failing that, the new one."""
        self._forget()
        where, network = located(address)
        self._strangers[stream] = where, network
        crowds = Counter(each for _, each in self._strangers.values())
        if crowds[network] + sum(each == where for each, _ in self._known.values()) > self._each:
            self._dismiss(network)
        elif len(self._strangers) + len(self._known) > self._most:
            self._dismiss(max(crowds, key=lambda each: crowds[each]))

    def know(self, stream: Stream, who: str) -> None:
        """Its credentials are good, and whose they are. Who has enough of places in that name has this one as a stranger."""
        if stream not in self._strangers:
            return
        self._forget()
        if stream in self._strangers and sum(each == who for _, each in self._known.values()) < self._each:
            self._known[stream] = self._strangers.pop(stream)[0], who

    def take_over(self, old: Stream, new: Stream) -> None:
        """The connection goes on in another object; the old one is not told any more when it ends."""
        if old in self._strangers:
            self._strangers[new] = self._strangers.pop(old)
        if old in self._known:
            self._known[new] = self._known.pop(old)

    def _forget(self) -> None:
        """Those who left."""
        self._strangers = {each: origin for each, origin in self._strangers.items() if not each.closed()}
        self._known = {each: origin for each, origin in self._known.items() if not each.closed()}

    def _dismiss(self, network: str) -> None:
        """Hang up on a stranger of a network: the longest waiting one of the address that has the most."""
        crowds = Counter(where for where, of in self._strangers.values() if of == network)
        largest = max(crowds, key=lambda each: crowds[each])
        oldest = next(each for each, (where, _) in self._strangers.items() if where == largest)
        del self._strangers[oldest]
        oldest.close()
