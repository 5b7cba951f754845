"""What happens to a frame between the source and the encoder, with both scripted."""

from __future__ import annotations

import select
from dataclasses import replace

import pytest

from app.status import Encoder as EncoderStatus
from app.video.capture import PROBE
from app.video.encoder import EncoderError
from app.video.feeder import LATE
from app.video.keys import PAUSE
from app.video.recovery import REST
from tests.app.video.scripted import LOCKED, Bench


def test_of_waiting_frames_only_the_newest_is_encoded(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.encoder.slow = True
    bench.source.frame()
    bench.step()
    bench.source.frame(2)
    bench.step()
    bench.source.frame()
    bench.step()
    bench.encoder.finish()
    bench.step()
    assert bench.units == [0]
    bench.encoder.finish()
    bench.step()
    assert bench.units == [0, 3]
    assert bench.feeder.tally.overtaken == 2
    assert bench.source.owned == {0, 1, 2, 3}


def test_a_buffer_in_the_encoder_stays_there(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.encoder.slow = True
    bench.source.frame()
    bench.step()
    assert bench.encoder.inside is not None
    bench.source.frame(10)
    for _ in range(5):
        bench.step()
        assert bench.encoder.inside.index not in bench.source.owned


def test_what_was_captured_while_nobody_watched_is_not_called_the_encoders(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.frame()
    bench.capture.watch(False)
    bench.source.frame(4)
    bench.capture.watch(True)
    bench.step()
    assert bench.feeder.tally.overtaken == 0
    assert bench.source.owned == {0, 1, 2, 3}


def test_an_encoder_that_lost_the_last_frame_before_an_absence_has_not_hung_since(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.encoder.barren = True
    bench.frame()
    bench.encoder.barren = False
    bench.capture.watch(False)
    bench.step(5_000_000)
    bench.capture.watch(True)
    bench.step()
    bench.frame()
    bench.frame()
    assert [each.state for each in bench.reports if isinstance(each, EncoderStatus)] == ["running"]
    assert len(bench.encoders) == 1
    assert bench.units


def test_a_divisor_takes_every_so_manieth_frame_and_gives_the_others_back(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.feeder.set_frame_divisor(3)
    bench.step()
    for _ in range(9):
        bench.source.frame()
        bench.step()
    assert bench.units == [0, 3, 6]
    assert bench.source.owned == {0, 1, 2, 3}
    assert bench.feeder.tally.overtaken == 0
    bench.feeder.set_frame_divisor(1)
    for _ in range(2):
        bench.source.frame()
        bench.step()
    assert bench.units == [0, 3, 6, 9, 10]


def test_a_lost_frame_does_not_lower_the_rate_further(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.feeder.set_frame_divisor(2)
    bench.step()
    bench.source.frame()
    bench.step()
    bench.source.sequence += 2
    bench.source.frame()
    bench.step()
    assert bench.units == [0, 3]


def test_a_bitrate_holds_for_this_session_and_the_next(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.frame()
    assert bench.encoder.bitrates == []
    bench.feeder.set_bitrate(500_000)
    bench.frame()
    bench.feeder.set_bitrate(500_000)
    bench.frame()
    assert bench.encoder.bitrates == [500_000]
    bench.source.news, bench.source.now_signal = True, replace(LOCKED, fps=50.0)
    bench.step()
    bench.frame()
    assert len(bench.encoders) == 2
    assert bench.encoder.bitrates == [500_000]


def test_the_encoder_expects_the_frames_that_it_is_given(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    for divisor in (1, 3, 3, 1):
        bench.feeder.set_frame_divisor(divisor)
        for _count in range(4):
            bench.frame()
    fps = LOCKED.fps
    assert bench.encoder.frame_rates == [fps / 3, fps]
    bench.feeder.set_frame_divisor(2)
    bench.source.news, bench.source.now_signal = True, replace(LOCKED, fps=50.0)
    bench.step()
    bench.frame()
    assert len(bench.encoders) == 2
    assert bench.encoder.frame_rates == [25.0]


def test_key_requests_are_gathered(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    for _count in range(60):
        bench.feeder.request_key()
        bench.frame()
    assert bench.encoder.keys == 1, "one in half a second, and the first frame was one"


def test_a_pause_of_the_source_ends_with_a_key_frame(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.frame()
    bench.step(PAUSE)
    bench.frame()
    bench.frame()
    assert bench.encoder.keys == 1


def test_what_was_in_the_encoder_while_nobody_watched_is_not_shown(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.slow = True
    bench.step()
    bench.frame()
    bench.frame()
    bench.capture.watch(False)
    bench.encoder.finish()
    bench.step(PAUSE)
    bench.capture.watch(True)
    bench.step()
    assert bench.units == []
    bench.frame()
    bench.encoder.finish()
    bench.step()
    assert bench.units == [2]
    assert bench.source.owned == {0, 1, 2, 3}


def test_what_waited_while_nobody_watched_does_not_go_in(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.slow = True
    bench.step()
    bench.frame()
    bench.frame()
    bench.capture.watch(False)
    bench.encoder.finish()
    bench.step()
    bench.capture.watch(True)
    bench.capture.step({6: select.POLLIN})
    assert bench.encoder.inside is None
    bench.step()
    assert bench.encoder.inside is None
    assert bench.source.owned == {0, 1, 2, 3}


def test_every_frame_is_accounted_for_by_cause(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.slow = True
    bench.step()
    bench.frame()
    bench.source.sequence += 3
    bench.frame()
    bench.frame()
    bench.source.frame(6)
    bench.step()
    bench.encoder.finish()
    bench.frame()
    bench.encoder.barren = True
    bench.encoder.finish()
    bench.step(1_000_000)
    bench.encoder.barren = False
    bench.frame()
    bench.encoder.finish()
    bench.frame()
    tally = bench.feeder.tally
    assert (tally.missed, tally.overtaken, tally.starved, tally.spoiled) == (3, 4, 4, 1)
    lost = tally.missed + tally.overtaken + tally.starved + tally.spoiled
    assert len(bench.units) + lost + 1 == bench.source.sequence, "one is in the encoder"
    running = [report for report in bench.reports if isinstance(report, EncoderStatus)]
    assert running[-1] == EncoderStatus("running", "scripted", "", 3, 4, 4, 1)


def test_who_comes_back_finds_the_encoder_well(bench: Bench) -> None:
    """What came out meanwhile nobody polled for, and the first round after it is woken by the thread's own descriptor."""
    bench.capture.watch(True)
    bench.slow = True
    bench.step()
    bench.frame()
    bench.capture.watch(False)
    bench.encoder.finish()
    for _second in range(30):
        bench.now += 1_000_000
        bench.capture.step({})
    bench.capture.watch(True)
    bench.capture.step({99: select.POLLIN})
    assert bench.source.streaming
    assert not bench.encoder.closed
    assert [report.state for report in bench.reports if isinstance(report, EncoderStatus)] == ["running"]


def test_a_frame_that_the_encoder_has_lost_holds_the_picture_up_for_a_moment(bench: Bench) -> None:
    """Its buffer comes back alone, which makes nothing ready that is polled for, and the source goes on."""
    bench.capture.watch(True)
    bench.slow = True
    bench.step()
    bench.frame()
    bench.encoder.barren = True
    bench.encoder.finish()
    while bench.encoder.inside is None:
        bench.source.frame()
        bench.now += 16_667
        bench.capture.step({5: select.POLLIN})
    assert not bench.encoder.closed
    assert bench.encoder.inside.sequence * 16_667 < LATE + 3 * 16_667
    assert bench.feeder.tally.spoiled == 1


def test_frames_that_come_to_nothing_ask_for_key_frames_together(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    for spoiled in (False, *[True, True, False] * 20):
        bench.encoder.barren = spoiled
        bench.frame()
    assert bench.encoder.keys == 2, "one in half a second"


@pytest.mark.parametrize("flags", [True, False])
def test_nothing_is_shown_that_refers_to_a_frame_which_came_to_nothing(bench: Bench, flags: bool) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.encoder.flags = flags
    for spoiled in (True, *[False] * 40):
        bench.encoder.barren = spoiled
        bench.frame()
    assert bench.units == list(range(30, 41)), "the key frame half a second after the first, and on"
    assert bench.feeder.tally.spoiled == 30


def test_a_key_frame_that_nobody_asked_for_ends_the_wait(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    for spoiled in (True, False):
        bench.encoder.barren = spoiled
        bench.frame()
    assert bench.units == []
    bench.encoder.request_key()
    bench.frame()
    bench.frame()
    assert bench.units == [2, 3]


def test_a_stalled_encoder_is_known_within_two_seconds_and_made_anew(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.slow = True
    bench.step()
    bench.frame()
    for _tick in range(3):
        bench.source.frame()
        bench.step(500_000)
        assert not bench.encoder.closed
    bench.source.frame()
    bench.step(500_000)
    assert bench.encoder.closed
    stalled = [report.state for report in bench.reports if isinstance(report, EncoderStatus)]
    assert stalled == ["stalled", "idle", "stalled"], "said before the stop that may take seconds, and after it"
    bench.slow = False
    bench.step(PROBE)
    bench.frame()
    assert len(bench.encoders) == 2
    assert bench.reports[-1] == EncoderStatus("running", "scripted", overtaken=3)


def test_an_encoder_that_loses_every_frame_is_stalled_too(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.barren = True
    bench.step()
    for _count in range(5):
        bench.frame(500_000)
    assert bench.encoder.closed
    assert bench.feeder.tally.spoiled == 5


def test_after_three_failures_it_is_left_alone_for_a_minute(bench: Bench) -> None:
    bench.broken = EncoderError("cannot start the encoder: Invalid argument")
    bench.capture.watch(True)
    for _time in range(20):
        bench.step(PROBE)
    assert bench.source.started == 3
    assert bench.reboots == [str(bench.broken)]
    words = "cannot start the encoder: Invalid argument; the device reboots"
    assert EncoderStatus("failed", reason=words) in bench.reports
    bench.broken = None
    bench.step(REST)
    bench.frame()
    assert bench.units == [0]


def test_numbers_alone_are_told_once_a_second(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    for _count in range(119):
        bench.source.sequence += 1
        bench.frame()
    assert [report.missed for report in bench.reports if isinstance(report, EncoderStatus)] == [0, 60]


def test_only_what_poll_has_named_is_asked(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.slow = True
    bench.step()
    bench.frame()
    asked: list[str] = []
    for name, owner in (("take", bench.source), ("changed", bench.source), ("collect", bench.encoder)):
        call = getattr(owner, name)
        setattr(owner, name, lambda name=name, call=call: (asked.append(name), call())[1])
    for ready, wanted in (
        ({}, []),
        ({5: select.POLLIN}, ["take"]),
        ({5: select.POLLPRI}, ["changed", "take"]),
        ({6: select.POLLIN}, ["collect"]),
        (None, ["changed", "collect", "take"]),
    ):
        asked.clear()
        bench.capture.step(ready)
        assert asked == wanted


def test_a_buffer_may_come_back_after_its_access_unit(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    for count in range(3):
        bench.encoder.keeps = True
        bench.frame()
        assert bench.units == list(range(count + 1))
        bench.encoder.keeps = False
        bench.step()
    assert bench.feeder.tally.spoiled == 0
    assert bench.source.owned == {0, 1, 2, 3}
