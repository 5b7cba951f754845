from __future__ import annotations

from dataclasses import replace

import pytest

from app.net.observed import Observed
from app.net.trial import NotFromThere, Trial
from tests.app.net.air import joined, known, seen, trying

HOME, SHOP = known("home"), known("shop")
TRIAL = Trial("address 192.0.2.9/24", "wlan0", HOME.path, "/checkpoint/1", 100.0)
DONE = joined(HOME, "192.0.2.9/24", "2001:db8::9/64")


@pytest.mark.parametrize("reached", ["192.0.2.9", "2001:db8::9"])
def test_the_new_address_proves_it(reached: str) -> None:
    TRIAL.check(reached, seen(links=(DONE,)))


@pytest.mark.parametrize(
    ("reached", "observed"),
    [
        ("192.0.2.7", seen(links=(DONE,))),
        ("192.0.2.9", seen(links=(joined(SHOP, "192.0.2.9/24"),))),
        ("192.0.2.9", seen(links=(replace(trying(HOME, 70), addresses=("192.0.2.9/24",)),))),
        ("192.0.2.9", seen(links=())),
    ],
)
def test_nothing_else_does(reached: str, observed: Observed) -> None:
    with pytest.raises(NotFromThere, match=f"came to {reached}"):
        TRIAL.check(reached, observed)


def test_it_has_90_seconds() -> None:
    assert TRIAL.left(100.0) == 90.0
    assert TRIAL.left(189.0) == 1.0
    assert TRIAL.left(190.0) == TRIAL.left(500.0) == 0.0
