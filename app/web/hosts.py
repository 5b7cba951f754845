"""The names by which browsers may call the device.

A page of another site can make its own name point here (DNS rebinding) and would then count as ours. It cannot make
the browser send a name that we know, so that is what is asked for.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable


class Hosts:
    """Which `Host` headers are ours.

    Args:
        fixed: names and addresses that do not change: the device's own, and those of the setting `web.hosts`.
        addresses: the device's addresses now, and the name that it got in the network.
    """

    def __init__(self, fixed: Iterable[str], addresses: Callable[[], Iterable[str]]) -> None:
        self._fixed = {name.lower().rstrip(".") for name in fixed}
        self._addresses = addresses

    def admits(self, host: str) -> bool:
        """Whether a `Host` header, with or without a port, names us."""
        name = _name(host)
        own = {each.lower() for each in self._addresses() if each}
        if name in self._fixed | own:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        # Nobody else's name: there is no name in it, and it leads no further than this machine or this cable.
        if address.is_loopback or address.is_link_local:
            return True
        return any(_is(each, address) for each in own)

    def is_local(self, host: str) -> bool:
        """Whether it is `localhost` or a loopback address: a browser's own machine, shared with all that runs there."""
        name = _name(host)
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return name == "localhost" or name.endswith(".localhost")


def _is(name: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether a name is that address, however it is written."""
    try:
        return ipaddress.ip_address(name) == address
    except ValueError:
        return False


def _name(host: str) -> str:
    """Without port, brackets, zone and final dot."""
    if host.startswith("["):
        return host[1:].partition("]")[0].partition("%")[0]
    return host.partition(":")[0].lower().rstrip(".")
