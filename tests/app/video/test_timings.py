"""Errnos and numbers of the kernel as words for the user."""

from __future__ import annotations

import errno
from dataclasses import replace

import pytest

from app.status import Signal
from app.video.receiver import BOARD
from app.video.timings import Timings, absent, bytesperline, present, refused_edid, refused_stream

HD = Timings(1280, 720, 74_250_000, hfrontporch=110, hsync=40, hbackporch=220, vfrontporch=5, vsync=5, vbackporch=20)
VGA = Timings(640, 480, 25_175_000, hsync=160, vsync=45)


@pytest.mark.parametrize(
    ("width", "row"),
    [(640, 1280), (720, 1472), (848, 1728), (1280, 2560), (1360, 2752), (1366, 2752), (1400, 2816), (1680, 3392)],
)
def test_rows_are_what_the_boards_encoder_takes(width: int, row: int) -> None:
    assert bytesperline(width) == row


def test_rate_comes_from_the_clock_and_the_blanking() -> None:
    assert present(HD, BOARD) == Signal("locked", 1280, 720, 60.0)
    assert present(VGA, BOARD) == Signal("locked", 640, 480, 59.94)
    assert present(replace(VGA, pixelclock=0), BOARD).fps == 0.0
    assert Timings(0, 0, 0).fps == 0.0


def test_interlaced_fields_count_both() -> None:
    fields = Timings(1920, 1080, 74_250_000, 1, 0, 88, 44, 148, 2, 5, 15, 2, 5, 16)
    assert present(fields, None) == Signal(
        "unsupported", 1920, 1080, 30.0, "1920x1080 is interlaced, the input takes whole frames only"
    )


def test_a_mode_beyond_the_lanes_is_unsupported_where_there_are_lanes() -> None:
    full_hd = Timings(1920, 1080, 148_500_000, hsync=280, vsync=45)
    words = "1920x1080 at 60 Hz needs 3 CSI lanes, this board has 2"
    assert present(full_hd, BOARD) == Signal("unsupported", 1920, 1080, 60.0, words)
    assert present(full_hd, None) == Signal("locked", 1920, 1080, 60.0)


@pytest.mark.parametrize(
    ("error", "power", "state"),
    [
        (errno.ENOLINK, False, "no_power"),
        (errno.ENOLINK, True, "no_signal"),
        (errno.ENOLINK, None, "no_signal"),
        (errno.ENOLCK, True, "no_lock"),
        (errno.ERANGE, True, "unsupported"),
        (errno.ENOTTY, None, "unsupported"),
        (errno.EIO, True, "unknown"),
    ],
)
def test_every_errno_has_its_state_and_words(error: int, power: bool | None, state: str) -> None:
    signal = absent(error, power)
    assert signal.state == state
    assert signal.reason


def test_missing_timings_lead_to_the_line_that_takes_them_away() -> None:
    assert "remove media-controller=1" in absent(errno.ENOTTY, None).reason
    assert "remove media-controller=1" in refused_edid(errno.ENOTTY)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errno.E2BIG, "it has more blocks than the bridge holds"),
        (errno.EINVAL, "its CEC physical address is invalid"),
        (errno.EBUSY, "it cannot be changed while the picture streams"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_refused_edid_is_explained(error: int, words: str) -> None:
    assert refused_edid(error) == words


def test_a_refused_stream_is_explained() -> None:
    assert refused_stream(errno.EINVAL) == "Invalid argument; the mode may be too fast for the receiver"
    assert refused_stream(errno.ENOMEM) == "Cannot allocate memory"
