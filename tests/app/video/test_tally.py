"""Every sequence number is accounted for."""

from __future__ import annotations

from app.video.tally import Tally


def gaps(tally: Tally) -> tuple[int, int]:
    return tally.missed, tally.starved


def test_a_gap_is_the_drivers_while_it_had_buffers() -> None:
    tally = Tally()
    tally.begin(4)
    for sequence in (7, 8, 8, 11):
        tally.frame(sequence)
        tally.taken(2)
    assert gaps(tally) == (2, 0), "what came before the first was never asked for; vivid gives a number twice"


def test_a_gap_after_all_buffers_were_here_is_ours() -> None:
    tally = Tally()
    tally.begin(4)
    for sequence in (0, 1, 2, 3):
        tally.frame(sequence)
    tally.taken(4)
    tally.frame(9)
    tally.taken(1)
    tally.frame(11)
    assert gaps(tally) == (1, 5)


def test_what_was_not_wanted_is_no_loss() -> None:
    tally = Tally()
    tally.begin(4)
    tally.frame(3)
    tally.taken(4)
    tally.forget()
    tally.frame(100)
    tally.taken(4)
    tally.begin(4)
    tally.frame(5)
    assert gaps(tally) == (0, 0)
