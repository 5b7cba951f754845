"""Slows guessing down. Pure: seconds come from the caller's clock.

Three delays, because they have three purposes. A try is *refused* for what its own address did before: the delay doubles
with every failure. Whoever has an IPv6 address has billions of them, so strangers who share a network are refused *together*
once they have failed often; that delay stays short, because the owner may be one of them. A try is *held* for a moment when its
account is under attack from elsewhere: that costs a guesser with many addresses time, and the owner a few seconds.

An address that an account has come from before is *known* there. What others do costs it nothing, unless they try that very account at that very address.
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
FREE_TOGETHER = 32
"""Failures of all strangers of an IPv6 network that cost none of them anything."""
LONGEST_TOGETHER = 15.0
"""Seconds between two tries of theirs, at most."""
FORGIVEN = 3600.0
"""Seconds without a failure after which it is forgotten."""
HELD = 4.0
"""Seconds that a try is held, at most."""
TRACKED = 2048
"""Addresses and accounts remembered; the one that failed longest ago makes room."""
KNOWN = 32
"""Addresses that an account is known at; the one that it came from longest ago makes room."""

_Key = tuple[str, str]
"""Account and address; either may be empty, for all."""


@dataclass(slots=True)
class _Failures:
    count: int = 0
    last: float = 0.0


class Limiter:
    """Remembers failures per address, per account, and per both together."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: OrderedDict[_Key, _Failures] = OrderedDict()
        self._known: dict[str, OrderedDict[str, None]] = {}

    def attempt(self, account: str, address: str) -> float:
        """A try begins, and counts as failed until `succeeded`: many at once are as slow as one after the other.

        Returns:
            Seconds to hold it before it is looked at.

        Raises:
            TooManyTries: it must not be looked at.
        """
        where, network = located(address)
        known = self.knows(account, address)
        self._refuse((account, where), FREE, LONGEST)
        if not known:
            self._refuse(("", where), FREE, LONGEST)
            if network != where:
                self._refuse(("", network), FREE_TOGETHER, LONGEST_TOGETHER)
        attacked = self._recall((account, ""))
        held = 0.0
        if attacked is not None and attacked.count >= FREE and not known:
            held = min(HELD, 0.25 * 2.0 ** min(attacked.count - FREE, 10))
        for key in _keys(account, address):
            self._fail(key)
        return held

    def succeeded(self, account: str, address: str) -> None:
        """The try was right: what this address failed at this account is forgiven, and nothing else."""
        where, _network = located(address)
        own = self._failures.get((account, where))
        self._forgive(account, address, own.count if own is not None else 0)
        self._failures.pop((account, where), None)
        known = self._known.setdefault(account, OrderedDict())
        known[where] = None
        known.move_to_end(where)
        if len(known) > KNOWN:
            known.popitem(last=False)

    def withdraw(self, account: str, address: str) -> None:
        """The try was not looked at, through no fault of whoever made it: it did not fail."""
        self._forgive(account, address, 1)

    def knows(self, account: str, address: str) -> bool:
        """Whether that account was right from that address before."""
        return located(address)[0] in self._known.get(account, ())

    def _refuse(self, key: _Key, free: int, longest: float) -> None:
        failures = self._recall(key)
        if failures is not None and failures.count >= free:
            wait = failures.last + min(longest, 2.0 ** min(failures.count - free, 10)) - self._clock()
            if wait > 0:
                raise TooManyTries(wait)

    def _forgive(self, account: str, address: str, count: int) -> None:
        for key in _keys(account, address):
            failures = self._failures.get(key)
            if failures is not None:
                failures.count = max(0, failures.count - count)

    def _fail(self, key: _Key) -> None:
        failures = self._failures.setdefault(key, _Failures())
        failures.count += 1
        failures.last = self._clock()
        self._failures.move_to_end(key)
        if len(self._failures) > TRACKED:
            self._failures.popitem(last=False)

    def _recall(self, key: _Key) -> _Failures | None:
        failures = self._failures.get(key)
        if failures is not None and self._clock() - failures.last > FORGIVEN:
            del self._failures[key]
            return None
        return failures


def _keys(account: str, address: str) -> set[_Key]:
    """What a failure is counted for."""
    where, network = located(address)
    return {(account, where), ("", where), ("", network), (account, "")}


def located(address: str) -> tuple[str, str]:
    """An address as it is counted, and what its owner has to itself: an IPv4 address, or an IPv6 network of 64 bits."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address, address
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
        return str(ip), str(ipaddress.ip_network((ip, 64), strict=False))
    plain = str(ip if isinstance(ip, ipaddress.IPv4Address) else ip.ipv4_mapped)
    return plain, plain
