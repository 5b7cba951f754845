"""What looks after access hears of the clock being set."""

from __future__ import annotations

from typing import Any

import pytest

from app.auth.watch import Watch
from app.bus import Bus
from app.clock import Clock
from app.status import Claim, Device, Network
from tests.app.auth.bench import Bench

YEAR = 365 * 86400.0


class Certificates:
    """Counts the looks."""

    fault = ""

    addresses: tuple[str, ...] = ()
    fingerprint = "AA"

    def __init__(self) -> None:
        self.looks = 0

    def refresh(self) -> None:
        self.looks += 1

    def load(self) -> bool:
        return False


@pytest.fixture
def watch(bench: Bench) -> tuple[Watch, Certificates]:
    certificates: Any = Certificates()
    bench.mark.unlink()
    day = Clock(bench.mark, bench.wall, bench.clock)
    return Watch(bench.gate, certificates, Bus(Device()), bench.writer, listen="", clock=day, password=""), certificates


async def looks(bench: Bench, watch: tuple[Watch, Certificates], seconds: int = 3) -> int:
    before = watch[1].looks
    for _ in range(seconds):
        bench.time += 1
        await watch[0].look()
    return watch[1].looks - before


async def test_the_certificate_is_looked_at_when_the_clock_is_set_and_once_an_hour(
    bench: Bench, watch: tuple[Watch, Certificates]
) -> None:
    assert await looks(bench, watch) == 0
    bench.set = 3 * YEAR
    assert await looks(bench, watch) == 1
    bench.mark.touch()
    assert await looks(bench, watch) == 1, "the time that was a guess is known to be right"
    bench.set = 0
    assert await looks(bench, watch) == 1
    bench.set = 5
    assert await looks(bench, watch, 3000) == 0, "a clock is put right by seconds now and then"
    assert await looks(bench, watch, 700) == 1


def test_a_device_without_an_address_shows_none(bench: Bench) -> None:
    """Its own name for itself would be the telephone's."""
    bus, certificates = Bus(Device()), Certificates()
    watching = Watch(bench.gate, certificates, bus, bench.writer, listen="", clock=bench.day, password="")  # type: ignore[arg-type]
    watching.tell()
    assert bus.device.claim == Claim("", bench.gate.claim_code)
    bus.publish(Network(addresses=("192.168.1.5",)))
    watching.tell()
    assert bus.device.claim == Claim(f"https://192.168.1.5/#claim={bench.gate.claim_code}", bench.gate.claim_code)
