"""A change of the network is tried, and taken back unless somebody who can still reach the device says so. Pure.

The clock that counts is NetworkManager's: its checkpoint takes the change back, whatever has become of this process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.net.errors import NetError
from app.net.observed import ACTIVATED, Observed

SECONDS: Final = 90
_BEGUN: Final = 5.0
"""Seconds until the link has certainly left what it was on before, and that has been seen."""


class TrialRunning(NetError):
    """One change at a time: the one before is neither kept nor taken back yet."""


class NoTrial(NetError):
    """There is nothing to keep or to take back, any more."""


class NotFromThere(NetError):
    """Whoever wants to keep a change has to show that the device can be reached through it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A change that is being tried."""

    what: str
    """In words for the user."""
    link: str
    """Name of the link that it concerns."""
    profile: str
    """Path of the profile that is another one now, or new."""
    checkpoint: str
    """Path of NetworkManager's, which undoes it."""
    began: float

    def left(self, now: float) -> float:
        """Seconds until it is taken back, 0 when it has been."""
        return max(0.0, self.began + SECONDS - now)

    def failed(self, observed: Observed, now: float) -> bool:
        """Whether the link is on another network again, which NetworkManager goes back to when it cannot join this one."""
        back = any(
            link.name == self.link and link.state == ACTIVATED and link.profile != self.profile
            for link in observed.links
        )
        return back and now - self.began > _BEGUN

    def check(self, reached: str, observed: Observed) -> None:
        """Whether a request that came in at the address `reached` proves the change. Raises NotFromThere."""
        link = next((link for link in observed.links if link.name == self.link and link.profile == self.profile), None)
        addresses = [] if link is None else [address.partition("/")[0] for address in link.addresses]
        if link is None or link.state != ACTIVATED or reached not in addresses:
            where = ", ".join(addresses) or "no address yet"
            raise NotFromThere(
                f"{self.what}: only a request to the new address keeps it ({where}), this one came to {reached}"
            )
