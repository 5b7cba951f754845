from __future__ import annotations

import pytest

from app.hid.lease import Lease, Refused
from app.status import Control


class Watched:
    """A lease and what it did, in order."""

    def __init__(self) -> None:
        self.log: list[object] = []
        self.lease = Lease(lambda: self.log.append("release"), self.log.append)


def test_the_first_to_type_gets_control() -> None:
    watched = Watched()
    watched.lease.admit(1, "ann")
    watched.lease.admit(1, "ann")
    assert watched.log == ["release", Control("ann", 1)]
    assert watched.lease.holds(1)


def test_another_is_refused_and_told_by_whom() -> None:
    watched = Watched()
    watched.lease.admit(1, "ann")
    with pytest.raises(Refused, match=r"ann \(client 1\) has control"):
        watched.lease.admit(2, "bob")
    assert watched.lease.holds(1)


def test_taking_over_releases_first() -> None:
    watched = Watched()
    watched.lease.admit(1, "ann")
    watched.log.clear()
    watched.lease.take(2, "bob")
    assert watched.log == ["release", Control("bob", 2)]
    with pytest.raises(Refused):
        watched.lease.admit(1, "ann")


def test_only_the_holders_end_changes_anything() -> None:
    watched = Watched()
    watched.lease.admit(1, "ann")
    watched.log.clear()
    watched.lease.give(2)
    assert watched.log == []
    watched.lease.give(1)
    assert watched.log == ["release", Control()]
    watched.lease.admit(2, "bob")
    assert watched.lease.holds(2)
