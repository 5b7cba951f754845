"""Errnos and numbers of the kernel as words for the user."""

from __future__ import annotations

import errno

import pytest

from app.status import Signal
from app.video.timings import absent, bytesperline, present


@pytest.mark.parametrize(
    ("width", "row"),
    [(640, 1280), (720, 1472), (848, 1728), (1280, 2560), (1360, 2752), (1366, 2752), (1400, 2816), (1680, 3392)],
)
def test_rows_are_what_the_boards_encoder_takes(width: int, row: int) -> None:
    assert bytesperline(width) == row


def test_rate_comes_from_the_clock_and_the_blanking() -> None:
    assert present(1280, 720, False, 74_250_000, 1650 * 750) == Signal("locked", 1280, 720, 60.0)
    assert present(640, 480, False, 25_175_000, 800 * 525) == Signal("locked", 640, 480, 59.94)
    assert present(640, 480, False, 0, 0).fps == 0.0
    assert present(1920, 1080, True, 74_250_000, 2200 * 1125).state == "unsupported"


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
