from __future__ import annotations

from app.stream.rate import BITS_PER_FRAME, FIRST_TRIAL, FLOOR, HOLD, MAX_DIVISOR, Observation, Rate

SECOND = 1_000_000
TOP = 4_000_000


def seen(
    delivered: int, *, number: int = 1, congested: bool = False, active: bool = True, carries: int | None = None,
    offered: int = TOP,
) -> Observation:  # fmt: skip
    return Observation(number, active, congested, delivered, delivered if carries is None else carries, offered)


def test_without_anybody_the_rate_is_the_ceiling() -> None:
    rate = Rate(TOP)
    rate.review(0, 30.0, [seen(1_000_000, congested=True)])
    assert rate.decision.bitrate < TOP
    assert rate.review(SECOND, 30.0, []).bitrate == TOP


def test_congestion_cuts_below_what_got_through() -> None:
    rate = Rate(TOP)
    assert rate.review(0, 30.0, [seen(2_000_000, congested=True)]).bitrate == 1_600_000


def test_one_cut_is_never_deeper_than_a_third() -> None:
    rate = Rate(TOP)
    assert rate.review(0, 30.0, [seen(250_000, congested=True)]).bitrate == round(TOP * 0.35)


def test_the_slowest_active_viewer_decides_for_all() -> None:
    rate = Rate(TOP)
    viewers = [seen(4_000_000), seen(1_500_000, number=2, congested=True)]
    assert rate.review(0, 30.0, viewers).bitrate == 1_400_000
    silent = [seen(1_400_000), seen(0, number=2, active=False)]
    assert rate.review(SECOND, 30.0, silent).bitrate == TOP


def test_one_that_says_nothing_changes_nothing() -> None:
    rate = Rate(TOP)
    for second in range(20):
        assert rate.review(second * SECOND, 30.0, [seen(0, active=False, congested=True)]).bitrate == TOP


def test_growth_waits_and_stays_below_the_rate_that_met_congestion() -> None:
    rate = Rate(TOP)
    rate.review(0, 30.0, [seen(2_000_000, congested=True)])
    assert rate.review(HOLD, 30.0, [seen(1_600_000)]).bitrate == 1_600_000
    for second in range(4, 30):
        assert rate.review(second * SECOND, 30.0, [seen(1_600_000)]).bitrate <= 1_900_000
    assert rate.decision.bitrate >= 1_700_000
    for second in range(30, 60):
        rate.review(second * SECOND, 30.0, [seen(1_900_000)])
    assert rate.decision.bitrate == TOP


def test_the_end_of_a_stall_is_no_congestion_but_a_second_one_is() -> None:
    rate = Rate(TOP)
    rate.review(0, 30.0, [seen(TOP)])
    for second in (1, 3):
        assert rate.decision.bitrate == TOP
        rate.review(second * SECOND, 30.0, [seen(0, active=False)])
        rate.review((second + 1) * SECOND, 30.0, [seen(500_000, congested=True)])
    assert rate.decision.bitrate == round(TOP * 0.35)


def test_a_newcomer_that_is_congested_is_believed_at_once() -> None:
    rate = Rate(TOP)
    rate.review(0, 30.0, [seen(0, active=False)])
    assert rate.review(SECOND, 30.0, [seen(500_000, congested=True)]).bitrate == round(TOP * 0.35)


def test_a_hopeless_viewer_leaves_the_others_alone_and_gets_a_chance_later() -> None:
    rate = Rate(TOP)
    for second in range(2):
        viewers = [seen(TOP), seen(50_000, number=2, congested=True)]
        decision = rate.review(second * SECOND, 30.0, viewers)
        assert decision.bitrate == TOP
    assert decision.slide_shows == {2}
    later = SECOND + FIRST_TRIAL
    assert rate.review(later - 1, 30.0, [seen(TOP), seen(1, number=2, carries=TOP)]).slide_shows == {2}
    assert rate.review(later, 30.0, [seen(TOP), seen(1, number=2, carries=FLOOR)]).slide_shows == {2}
    assert rate.review(later, 30.0, [seen(TOP), seen(1, number=2, carries=TOP)]).slide_shows == frozenset()


def test_a_burst_of_losses_at_the_floor_is_not_hopeless_but_a_link_below_it_is() -> None:
    def slide_show_after(carries: int) -> int:
        rate = Rate(FLOOR)
        for review in range(1, 10):
            burst = seen(FLOOR // 2, congested=True, carries=carries)
            if rate.review(review * SECOND, 30.0, [burst, seen(FLOOR, number=2)]).slide_shows == {1}:
                return review
        raise AssertionError("no slide show")

    assert slide_show_after(carries=2 * FLOOR) == 5
    assert slide_show_after(carries=2 * FLOOR // 3) == 5
    assert slide_show_after(carries=FLOOR // 3) == 2


def test_beyond_the_rate_that_met_congestion_it_feels_its_way() -> None:
    rate = Rate(TOP)
    rate.review(0, 30.0, [seen(1_600_000, congested=True)])
    for second in range(1, 35):
        rate.review(second * SECOND, 30.0, [seen(1_600_000)])
    assert 1_500_000 <= rate.decision.bitrate < 1_700_000
    for second in range(35, 50):
        rate.review(second * SECOND, 30.0, [seen(TOP)])
    assert rate.decision.bitrate == TOP


def test_a_burst_of_losses_does_not_hide_where_congestion_was_met() -> None:
    rate = Rate(TOP)
    rate.review(0, 30.0, [seen(1_000_000, congested=True)])
    rate.review(SECOND, 30.0, [seen(FLOOR, congested=True)])
    for second in range(2, 31):
        rate.review(second * SECOND, 30.0, [seen(FLOOR)])
    # Of what met congestion, seven tenths twenty-nine seconds after a burst that let a fifth through.
    assert 600_000 < rate.decision.bitrate < 700_000


def test_each_chance_comes_more_rarely() -> None:
    rate, now, waits = Rate(TOP), 0, []
    for _ in range(4):
        while not rate.review(now, 30.0, [seen(50_000, congested=True)]).slide_shows:
            now += SECOND
        began = now
        while rate.review(now, 30.0, [seen(1, carries=TOP)]).slide_shows:
            now += SECOND
        waits.append(now - began)
    assert waits == [FIRST_TRIAL, 2 * FIRST_TRIAL, 4 * FIRST_TRIAL, 8 * FIRST_TRIAL]


def test_frames_become_fewer_before_they_become_worse() -> None:
    rate = Rate(TOP)
    rate.fixed = None
    for bitrate, fps in [(TOP, 60.0), (600_000, 60.0), (400_000, 60.0), (210_000, 60.0)]:
        rate = Rate(bitrate)
        divisor = rate.review(0, fps, [seen(bitrate)]).divisor
        assert divisor == 1 or bitrate * (divisor - 1) < BITS_PER_FRAME * fps
        assert bitrate * divisor >= BITS_PER_FRAME * fps
    assert Rate(25_000).review(0, 60.0, [seen(25_000)]).divisor == MAX_DIVISOR


def test_a_frame_rate_not_known_changes_nothing() -> None:
    rate = Rate(600_000)
    assert rate.review(0, 60.0, [seen(600_000)]).divisor == 2
    assert rate.review(0, 0.0, [seen(600_000)]).divisor == 2


def test_a_small_change_is_none() -> None:
    rate = Rate(TOP)
    rate.review(0, 30.0, [seen(2_000_000, congested=True)])
    steps = {rate.review(second * SECOND, 30.0, [seen(1_600_000)]).bitrate for second in range(1, 29)}
    assert len(steps) <= 3


def test_a_fixed_quality_is_kept() -> None:
    rate = Rate(TOP)
    rate.fixed = 300_000
    decision = rate.review(0, 60.0, [seen(100_000, congested=True)])
    assert (decision.bitrate, decision.divisor) == (300_000, 1)
