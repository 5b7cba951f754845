"""The capture state machine against a scripted input and encoder, on a clock that the test moves."""

from __future__ import annotations

import os
import select
from dataclasses import replace
from typing import Any

import pytest

from app.status import Encoder as EncoderStatus
from app.status import Signal
from app.video.capture import BARREN, IDLE, PATIENCE, PROBE, SILENCE, UNPLUGGED
from app.video.encoder import EncoderError
from app.video.frame import RawFormat
from app.video.source import SourceError, SourceGone
from tests.app.video.scripted import EDID, LOCKED, Bench

DARK = Signal("no_signal", reason="no TMDS clock")


def test_the_signal_is_watched_without_anybody_watching(bench: Bench) -> None:
    bench.source.now_signal = DARK
    bench.step()
    bench.source.now_signal = LOCKED
    bench.step(PROBE)
    assert bench.reports == [DARK, LOCKED]
    assert bench.source.started == 0
    assert bench.capture.descriptors() == {5: select.POLLPRI}


def test_a_viewer_starts_it_at_once(bench: Bench) -> None:
    bench.step()
    bench.capture.watch(True)
    bench.step(1)
    assert bench.source.streaming
    assert bench.reports == [LOCKED], "an encoder that has given nothing yet is not called running"
    assert bench.capture.descriptors() == {5: select.POLLPRI | select.POLLIN}
    bench.encoder.slow = True
    bench.frame()
    assert bench.capture.descriptors() == {5: select.POLLPRI | select.POLLIN, 6: select.POLLIN}
    bench.encoder.slow = False
    bench.encoder.finish()
    bench.frame()
    assert bench.units == [0, 1]
    assert bench.reports[-1] == EncoderStatus("running", "scripted")
    assert bench.source.owned == {0, 1, 2, 3}


def test_a_change_frees_the_buffers_before_anything_else(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.source.frame()
    bench.source.news, bench.source.now_signal = True, DARK
    bench.step()
    assert not bench.source.streaming
    assert bench.encoder.closed
    assert bench.units == []
    assert bench.reports[-2:] == [EncoderStatus(), DARK]
    bench.source.news, bench.source.now_signal = True, LOCKED
    bench.step()
    assert bench.source.streaming
    assert len(bench.encoders) == 2


def test_silence_is_asked_about_and_then_restarted(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.step(SILENCE + 1)
    assert bench.source.started == 1
    bench.step(SILENCE + 1)
    bench.step(PROBE)
    assert bench.source.started == 2


def test_an_input_without_frames_is_begun_anew_ever_less_often_and_told(bench: Bench) -> None:
    bench.capture.watch(True)
    began = []
    for second in range(240):
        before = bench.source.started
        bench.step(1_000_000)
        if bench.source.started > before:
            began.append(second)
    assert began == [0, 4, 10, 20, 38, 72, 134, 196]
    barren = replace(LOCKED, reason=BARREN)
    told = [report for report in bench.reports if isinstance(report, Signal)]
    assert told == [LOCKED] + [barren] * (len(told) - 1)
    bench.reports.clear()
    bench.frame()
    assert bench.reports == [EncoderStatus("running", "scripted"), LOCKED]
    bench.step(PATIENCE + 1)
    bench.step(PROBE)
    assert bench.source.started == 9, "what has given frames is not waited for so long"


def test_another_mode_is_not_blamed_for_the_frames_of_the_last(bench: Bench) -> None:
    bench.capture.watch(True)
    for _second in range(20):
        bench.step(1_000_000)
    assert replace(LOCKED, reason=BARREN) in bench.reports
    bench.source.now_signal = replace(LOCKED, fps=50.0)
    bench.step(PROBE)
    assert bench.reports[-1] == replace(LOCKED, fps=50.0)


def test_the_mode_that_is_told_is_the_one_that_streams(bench: Bench) -> None:
    bench.capture.watch(True)
    start = bench.source.start

    def other() -> tuple[RawFormat, tuple[int, ...]]:
        raw, buffers = start()
        return replace(raw, width=800, height=600), buffers

    bench.source.start = other  # type: ignore[method-assign]
    bench.step()
    assert bench.reports == [replace(LOCKED, width=800, height=600)]


def test_a_silent_loss_of_signal_is_noticed(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.source.now_signal = Signal("no_power", reason="cable out")
    bench.step(SILENCE + 1)
    assert bench.reports[-2:] == [EncoderStatus(), Signal("no_power", reason="cable out")]
    assert not bench.source.streaming


def test_a_silent_loss_of_signal_is_noticed_without_watchers(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.capture.watch(False)
    bench.source.now_signal = DARK
    bench.step(PROBE)
    assert bench.reports[-2:] == [EncoderStatus(), DARK]
    assert not bench.source.streaming


def test_news_that_change_nothing_leave_the_stream_alone(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.source.news = True
    bench.source.frame()
    bench.step()
    assert bench.source.started == 1
    assert bench.units == [0]


@pytest.mark.parametrize(("fps", "other"), [(60.0, 61.0), (72.0, 73.0), (59.94, 60.0)])
def test_a_rate_that_is_measured_a_step_off_is_the_same_mode(bench: Bench, fps: float, other: float) -> None:
    """Whether something streams, is rested from, or is begun anew; and nothing of it is told."""
    for number in range(12):
        bench.source.now_signal = replace(LOCKED, fps=(fps, other)[number % 2])
        bench.capture.watch(number % 3 != 0)
        bench.source.news = True
        bench.frame(PROBE + 1)
    assert bench.source.started == len(bench.encoders) == 1
    assert {each for each in bench.reports if isinstance(each, Signal)} == {replace(LOCKED, fps=fps)}


@pytest.mark.parametrize("changed", [{"width": 800}, {"height": 480}, {"fps": 50.0}, {"fps": 58.0}])
def test_any_other_mode_begins_anew(bench: Bench, changed: dict[str, Any]) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.source.news, bench.source.now_signal = True, replace(LOCKED, **changed)
    bench.source.frame()
    bench.step()
    assert bench.units == []
    assert bench.source.started == 2
    assert bench.reports[-2:] == [EncoderStatus(), bench.source.now_signal]
    bench.frame()
    assert bench.reports[-1] == EncoderStatus("running", "scripted")


def test_the_display_is_offered_before_the_signal_is_asked_for_and_until_there_is_one(bench: Bench) -> None:
    bench.source.now_signal = DARK
    bench.step()
    assert bench.source.shown == [EDID]
    bench.source.shown.append(b"")  # the bridge has lost its supply
    bench.step(PROBE)
    assert bench.source.shown == [EDID, b"", EDID]
    bench.source.now_signal = LOCKED
    bench.step(PROBE)
    bench.source.shown.append(b"")
    bench.step(PROBE)
    assert bench.source.shown[-1] == b"", "a target that sends is left alone"


def test_a_replug_takes_the_display_away_for_a_while(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.capture.replug(b"another display")
    bench.step()
    assert not bench.source.streaming
    assert bench.source.shown == [EDID, b""]
    assert bench.reports[-1].state == "no_signal"
    bench.source.news = True
    bench.step(UNPLUGGED - 1)
    assert bench.source.shown[-1] == b""
    bench.step(1)
    assert bench.source.shown == [EDID, b"", b"another display"]
    assert bench.source.streaming


def test_an_input_that_takes_no_edid_still_has_a_picture_or_says_why_not(bench: Bench) -> None:
    bench.source.now_signal = DARK
    bench.source.edid_fault = SourceError("cannot load the EDID: no")
    bench.step()
    assert bench.reports == [Signal("no_signal", reason="no TMDS clock (cannot load the EDID: no)")]
    bench.source.now_signal = LOCKED
    bench.step(PROBE)
    assert bench.reports[-1] == LOCKED
    bench.capture.replug(EDID)
    bench.step(PROBE)
    assert bench.reports[-1] == Signal("unsupported", 1280, 720, 60.0, "cannot load the EDID: no")


def test_a_stream_that_cannot_start_is_never_called_locked(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.source.fault = SourceError("cannot stream 1280x720 at 60 Hz: Invalid argument")
    for _ in range(3):
        bench.step(PROBE)
    assert bench.reports == [Signal("unsupported", 1280, 720, 60.0, str(bench.source.fault))]
    assert not bench.source.streaming
    bench.source.fault = None
    bench.step(PROBE)
    assert bench.source.streaming


def test_a_device_that_goes_away_while_it_is_asked_ends_it(bench: Bench) -> None:
    bench.source.edid_fault = SourceGone("gone")
    with pytest.raises(SourceGone):
        bench.step()


def test_a_short_absence_keeps_the_session_and_shows_nothing_stale(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.frame()
    bench.capture.watch(False)
    bench.source.frame(4)
    bench.step(IDLE // 2)
    assert bench.source.streaming
    assert bench.capture.descriptors() == {5: select.POLLPRI}
    bench.capture.watch(True)
    bench.step()
    assert bench.units == [0]
    bench.frame()
    assert bench.units == [0, 5]
    assert bench.encoder.keys == 1
    assert bench.source.started == 1


def test_frames_left_out_are_no_silence(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.feeder.set_frame_divisor(1000)
    bench.step()
    for _ in range(4):
        bench.source.frame()
        bench.step(SILENCE - 1)
    assert bench.source.started == 1


def test_a_long_absence_ends_the_session(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.capture.watch(False)
    bench.step(IDLE + 1)
    assert not bench.source.streaming


def test_a_broken_stream_is_said_and_tried_again(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.source.fault = SourceError("1920x1080 at 60 Hz needs 3 CSI lanes, this board has 2")
    bench.step()
    assert bench.reports[-1] == Signal("unsupported", 1280, 720, 60.0, str(bench.source.fault))
    bench.source.fault = None
    bench.step(PROBE)
    assert bench.source.started == 2


def test_an_encoder_that_fails_is_said_and_made_again(bench: Bench) -> None:
    bench.capture.watch(True)
    bench.step()
    bench.encoder.fault = EncoderError("no")
    bench.source.frame()
    bench.step()
    assert bench.reports[-1] == EncoderStatus("failed", "", "no")
    assert not bench.source.streaming
    bench.step(PROBE)
    assert bench.source.streaming


def test_a_device_that_went_away_ends_it(bench: Bench) -> None:
    bench.source.fault = SourceGone("gone")
    with pytest.raises(SourceGone):
        bench.step()


def test_no_descriptor_is_kept_by_the_capture() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        bench = Bench()
        bench.capture.watch(True)
        bench.step()
        bench.capture.close()
    assert len(os.listdir("/proc/self/fd")) == before
