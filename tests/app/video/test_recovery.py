"""An encoder that fails: tried again, and the third time in a row a reboot is asked for."""

from __future__ import annotations

import pytest

from app.status import Encoder
from app.video.encoder import EncoderError, NoEncoder, Stalled, Unfit
from app.video.recovery import FAILURES, REST, STEADY, Recovery


class Bench:
    def __init__(self) -> None:
        self.now = 0
        self.asked: list[str] = []
        self.recovery = Recovery(lambda: self.now, self._ask)

    def _ask(self, why: str) -> str:
        self.asked.append(why)
        return "the device reboots"


def test_the_third_failure_in_a_row_asks_for_a_reboot_and_rests() -> None:
    bench = Bench()
    assert bench.recovery.failed(Stalled("no picture")) == Encoder("stalled", reason="no picture")
    assert bench.recovery.failed(EncoderError("no buffers")) == Encoder("failed", reason="no buffers")
    assert bench.recovery.ready
    assert not bench.asked
    status = bench.recovery.failed(Stalled("no picture"))
    assert status == Encoder("failed", reason="no picture; the device reboots")
    assert bench.asked == ["no picture"]
    assert not bench.recovery.ready
    bench.now += REST
    assert bench.recovery.ready


def test_steady_work_in_between_begins_the_count_anew() -> None:
    bench = Bench()
    for _round in range(5):
        bench.recovery.failed(Stalled(""))
        bench.recovery.failed(Stalled(""))
        bench.recovery.worked()
        bench.now += STEADY
        bench.recovery.worked()
    assert not bench.asked


def test_an_encoder_that_hangs_again_after_a_frame_asks_for_a_reboot() -> None:
    bench = Bench()
    for _round in range(FAILURES):
        bench.recovery.worked()
        bench.now += STEADY - 1
        bench.recovery.worked()
        bench.recovery.failed(Stalled("no picture"))
    assert bench.asked == ["no picture"]


@pytest.mark.parametrize("error", [NoEncoder("none"), Unfit("odd width")])
def test_what_a_reboot_does_not_change_asks_for_none(error: EncoderError) -> None:
    bench = Bench()
    for _time in range(5):
        assert bench.recovery.failed(error) == Encoder("failed", reason=str(error))
    assert not bench.asked
    assert bench.recovery.ready
