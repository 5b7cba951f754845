"""What the bridge and its lanes carry: the table of the driver's formula, and the words."""

from __future__ import annotations

import pytest

from app.video.modes import Mode
from app.video.receiver import BOARD, Link, refusal

SLOW = Link(2, 594_000_000)


@pytest.mark.parametrize(
    ("width", "height", "fps", "fast", "slow"),
    [
        (1280, 720, 60, 1, 2), (1280, 1024, 60, 2, 3), (1600, 1200, 60, 2, 4), (1680, 1050, 60, 2, 3),
        (1920, 1080, 25, 1, 2), (1920, 1080, 30, 2, 2), (1920, 1080, 50, 2, 3), (1920, 1080, 60, 3, 4),
        (1920, 1200, 60, 3, 4),
    ],
)  # fmt: skip
def test_lanes_are_those_of_the_drivers_formula(width: int, height: int, fps: int, fast: int, slow: int) -> None:
    mode = Mode(width, height, fps)
    assert (BOARD.needs(mode), SLOW.needs(mode)) == (fast, slow)


def test_a_mode_beyond_the_lanes_is_refused_in_words() -> None:
    assert refusal(Mode(1920, 1080, 60), BOARD) == "1920x1080 at 60 Hz needs 3 CSI lanes, this board has 2"
    assert refusal(Mode(1920, 1080, 50), BOARD) == ""
    assert refusal(Mode(1920, 1080, 50), SLOW) == "1920x1080 at 50 Hz needs 3 CSI lanes, this board has 2"
    assert refusal(Mode(1920, 1080, 60), None) == ""


@pytest.mark.parametrize("mode", [Mode(632, 480, 60), Mode(1928, 1080, 30), Mode(640, 349, 70), Mode(1600, 1201, 60)])
def test_a_size_outside_the_bridges_range_is_refused(mode: Mode) -> None:
    assert "outside" in refusal(mode, None)


def test_the_smallest_and_the_largest_are_taken() -> None:
    assert refusal(Mode(640, 350, 70), BOARD) == refusal(Mode(1920, 1200, 50), BOARD) == ""


def test_interlaced_is_refused() -> None:
    assert (
        refusal(Mode(1920, 1080, 60, interlaced=True), None)
        == "1920x1080 is interlaced, the input takes whole frames only"
    )
