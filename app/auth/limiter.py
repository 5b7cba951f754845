"""Slows guessing down. Pure: seconds come from the caller's clock.

Two delays, because they have two purposes. A try is *refused* for what its own address did before: the delay doubles
with every failure. A try is *held* for a moment when its account is under attack from elsewhere and the address is
not known for a success: that costs a guesser with many addresses time, and the owner a few seconds, never the way in.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from app.auth.errors import TooManyTries

FREE = 5
"""Failures that cost nothing: people mistype."""
LONGEST = 900.0
"""Seconds between two tries, at most."""
FORGIVEN = 3600.0
"""Seconds without a failure after which it is forgotten."""
HELD = 4.0
"""Seconds that a try is held, at most."""
TRACKED = 2048
"""Addresses and accounts remembered; the one that failed longest ago makes room."""


@dataclass(slots=True)
class _Failures:
    count: int = 0
    last: float = 0.0


class Limiter:
    """Remembers failures per address, per account, and per both together."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: OrderedDict[tuple[str, str], _Failures] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def attempt(self, account: str, address: str) -> float:
        """A try begins, and counts as failed until `succeeded`: many at once are as slow as one after the other.

        Returns:
            Seconds to hold it before it is looked at.

        Raises:
            TooManyTries: it must not be looked at.
        """
        net = network(address)
        for key in (("", net), (account, net)):
            failures = self._recall(key)
            if failures is not None and failures.count >= FREE:
                wait = failures.last + min(LONGEST, 2.0 ** (failures.count - FREE)) - self._clock()
                if wait > 0:
                    raise TooManyTries(wait)
        attacked = self._recall((account, ""))
        for key in (("", net), (account, net), (account, "")):
            self._fail(key)
        if attacked is None or attacked.count < FREE or (account, net) in self._known:
            return 0.0
        return min(HELD, 0.25 * 2.0 ** min(attacked.count - FREE, 10))

    def succeeded(self, account: str, address: str) -> None:
        """The try was right: what this address failed at this account is forgiven, and nothing else."""
        net = network(address)
        own = self._failures.pop((account, net), None)
        for key in (("", net), (account, "")):
            failures = self._failures.get(key)
            if failures is not None and own is not None:
                failures.count = max(0, failures.count - own.count)
        self._known[account, net] = None
        self._known.move_to_end((account, net))
        if len(self._known) > TRACKED:
            self._known.popitem(last=False)

    def _fail(self, key: tuple[str, str]) -> None:
        failures = self._failures.setdefault(key, _Failures())
        failures.count += 1
        failures.last = self._clock()
        self._failures.move_to_end(key)
        if len(self._failures) > TRACKED:
            self._failures.popitem(last=False)

    def _recall(self, key: tuple[str, str]) -> _Failures | None:
        failures = self._failures.get(key)
        if failures is not None and self._clock() - failures.last > FORGIVEN:
            del self._failures[key]
            return None
        return failures


def network(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that an IPv6 neighbour has to itself."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))
