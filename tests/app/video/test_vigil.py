"""A video thread that does not come back from a driver, on a clock of numbers."""

from __future__ import annotations

import pytest

from app.status import Encoder
from app.video.vigil import HOPELESS, HOPELESS_SETTING_UP, LATE, SETTING_UP, WORDS, Vigil

RUNNING = Encoder("running", "m2m", overtaken=3)
STALLED = Encoder("stalled", "m2m", WORDS, overtaken=3)


class Bench:
    def __init__(self) -> None:
        self.busy = 0
        self.encoder = RUNNING
        self.reports: list[Encoder] = []
        self.asked: list[str] = []
        self.vigil = Vigil(lambda: self.busy, lambda: self.encoder, self._report, self._reboot)

    def _report(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.reports.append(encoder)

    async def _reboot(self, why: str) -> str:
        self.asked.append(why)
        return "the device reboots"

    async def look(self, busy: int) -> None:
        self.busy = busy
        await self.vigil.look()


async def test_a_running_encoder_that_holds_the_thread_up_is_stalled() -> None:
    bench = Bench()
    await bench.look(LATE)
    assert not bench.reports
    await bench.look(LATE + 1)
    await bench.look(2 * LATE)
    assert bench.reports == [STALLED]


@pytest.mark.parametrize("state", ["idle", "failed", "stalled"])
async def test_an_encoder_that_is_set_up_or_stopped_has_more_time(state: str) -> None:
    bench = Bench()
    bench.encoder = Encoder(state)  # type: ignore[arg-type]
    await bench.look(SETTING_UP)
    assert not bench.reports
    await bench.look(SETTING_UP + 1)
    assert bench.reports == [Encoder("stalled", reason=WORDS)]


async def test_a_card_that_is_slow_to_give_an_encoders_libraries_is_no_reason_for_a_reboot() -> None:
    bench = Bench()
    bench.encoder = Encoder("idle")
    for busy in (SETTING_UP + 1, HOPELESS + 1, HOPELESS_SETTING_UP):
        await bench.look(busy)
    assert bench.asked == []
    await bench.look(HOPELESS_SETTING_UP + 1)
    assert bench.asked == [WORDS]


async def test_a_thread_that_comes_back_finds_its_words_again() -> None:
    bench = Bench()
    for _time in range(2):
        await bench.look(LATE + 1)
        await bench.look(0)
    assert bench.reports == [STALLED, RUNNING, STALLED, RUNNING]


async def test_what_the_thread_says_when_it_comes_back_stands() -> None:
    bench = Bench()
    await bench.look(LATE + 1)
    bench.encoder = Encoder("failed", reason="no buffers")
    await bench.look(0)
    assert bench.reports == [STALLED]


async def test_a_reboot_is_asked_for_once_each_time() -> None:
    bench = Bench()
    for _time in range(2):
        for busy in (LATE + 1, HOPELESS, HOPELESS + 1, 2 * HOPELESS, 0):
            await bench.look(busy)
    failed = Encoder("failed", "m2m", f"{WORDS}; the device reboots", overtaken=3)
    assert bench.reports == 2 * [STALLED, failed, RUNNING]
    assert bench.asked == 2 * [WORDS]
