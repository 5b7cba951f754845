"""When the next frame is a key frame, on a clock of numbers."""

from app.video.keys import INTERVAL, PAUSE, Keys


def test_an_encoders_first_frame_is_one_without_asking() -> None:
    keys = Keys()
    keys.want()
    assert not keys.due(1)
    assert not keys.due(1 + INTERVAL)


def test_requests_are_gathered_and_none_is_lost() -> None:
    keys = Keys()
    keys.due(0)
    asked = []
    for now in range(0, 4 * INTERVAL, 10_000):
        if now < 2 * INTERVAL:
            keys.want()
        if keys.due(now):
            asked.append(now)
    assert asked == [INTERVAL, 2 * INTERVAL], "the wish that came just after the first is granted later, and once"


def test_a_pause_makes_the_next_frame_one() -> None:
    keys = Keys()
    keys.delivered(0)
    keys.due(0)
    keys.delivered(PAUSE)
    assert not keys.due(PAUSE)
    keys.delivered(2 * PAUSE + 1)
    assert keys.due(2 * PAUSE + 1)
