"""What viewers see over links of every kind, on the simulation's clock."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from app.stream.hub import KEY_INTERVAL
from app.stream.pacer import BOUND
from app.stream.rate import FLOOR
from app.stream.viewer import MAX_BYTES, SLIDE_INTERVAL
from app.stream.wire import Message
from tests.app.stream.link import SECOND, Link, Network, Watcher

FAST = {"rate": 20e6, "delay": 2_500}
MIDDLE = {"rate": 2e6, "delay": 40_000}
SLOW = {"rate": 500e3, "delay": 150_000, "lossy": 0.01}


def ages(started: list[tuple[int, Message]]) -> list[int]:
    return [at - message.captured_us for at, message in started]


def decodable(watcher: Watcher, published: list[int]) -> bool:
    """Every frame painted is a key frame or follows the one that was encoded before it."""
    follows = dict(pairwise(published))
    painted = [message for _at, message in watcher.painted]
    return painted[0].key and all(b.key or follows[a.sequence] == b.sequence for a, b in pairwise(painted))


@pytest.mark.parametrize("link", [FAST, MIDDLE, SLOW], ids=["fast", "middle", "slow"])
def test_nothing_old_is_started_and_all_of_it_can_be_decoded(link: dict[str, float]) -> None:
    network = Network()
    watcher = network.join(Link(**link))
    network.run(40)
    assert max(ages(watcher.started)) <= BOUND
    assert decodable(watcher, network.published)
    late = [at - message.captured_us - 2 * link["delay"] for at, message in watcher.painted if at > 20 * SECOND]
    assert sorted(late)[len(late) // 2] < BOUND


def test_a_fast_link_gets_every_frame_at_the_full_rate() -> None:
    network = Network()
    watcher = network.join(Link(**FAST))
    network.run(20)
    painted = [message.sequence for _at, message in watcher.painted]
    assert painted == network.published[: len(painted)]
    assert len(painted) >= len(network.published) - 1
    assert network.bitrates == []
    assert watcher.viewer.dropped == 0


@pytest.mark.parametrize("link", [MIDDLE, SLOW], ids=["middle", "slow"])
def test_the_bitrate_ends_below_the_links_and_most_frames_arrive(link: dict[str, float]) -> None:
    network = Network()
    watcher = network.join(Link(**link))
    network.run(30)
    assert network.bitrate < link["rate"]
    assert network.bitrate > 0.4 * link["rate"]
    lately = [sequence for sequence in network.published if sequence > 30 * (network.fps - 10)]
    painted = {message.sequence for _at, message in watcher.painted}
    assert len([sequence for sequence in lately if sequence in painted]) > 0.9 * len(lately)


def test_the_bitrate_recovers_with_the_link() -> None:
    network = Network()
    watcher = network.join(Link(**MIDDLE))
    network.run(20)
    assert network.bitrate < 2_000_000
    watcher.link.rate = 20e6
    network.run(60)
    assert network.bitrate == 4_000_000


def test_a_stall_ends_with_a_new_picture_and_no_old_one() -> None:
    network = Network()
    watcher = network.join(Link(**FAST, stalls=[(10 * SECOND, 20 * SECOND)]))
    other = network.join(Link(**FAST))
    network.run(30)
    after = [(at, message) for at, message in watcher.started if at >= 20 * SECOND]
    assert max(ages(after)) <= BOUND
    assert after[0][1].key or after[0][1].sequence == watcher.started[-len(after) - 1][1].sequence + 1
    assert decodable(watcher, network.published)
    assert [message.sequence for _at, message in other.painted] == network.published[: len(other.painted)]
    assert other.viewer.dropped == 0
    assert network.bitrate == 4_000_000


def test_a_stall_is_seen_in_the_numbers_while_it_lasts() -> None:
    network = Network()
    watcher = network.join(Link(**FAST, stalls=[(10 * SECOND, 20 * SECOND)]))
    for queueing, stalled in ((range(5), False), (range(7_500, 8_500), True), (range(5), False)):
        network.run(9)
        told = watcher.viewer.status(network.now)
        assert round(told.queueing_ms or 0) in queueing
        assert told.stalled == stalled


def test_a_stall_is_no_slow_link() -> None:
    """It begins in the middle of a second, of which some got through."""
    network = Network()
    network.join(Link(**FAST, stalls=[(10 * SECOND + SECOND // 2, 20 * SECOND)]))
    network.run(21)
    network.run(15)
    assert network.bitrate == 4_000_000


def test_eight_viewers_and_one_that_never_reads() -> None:
    network = Network()
    readers = [network.join(Link(**FAST)) for _ in range(7)]
    stalled = network.join(Link(**FAST, reads=False))
    network.run(30)
    for reader in readers:
        assert [message.sequence for _at, message in reader.painted] == network.published[: len(reader.painted)]
        assert reader.viewer.dropped == 0
    assert len(stalled.started) == 1
    assert stalled.most_held <= MAX_BYTES // 8
    assert len(network.key_requests) == 1
    assert network.bitrate == 4_000_000


def test_memory_is_bounded_on_every_link() -> None:
    for link in (FAST, MIDDLE, SLOW):
        network = Network()
        watcher = network.join(Link(**link, stalls=[(5 * SECOND, 15 * SECOND)]))
        network.run(30)
        assert watcher.most_held <= MAX_BYTES // 4


def test_a_hopeless_viewer_gets_a_slide_show_and_the_others_the_full_rate() -> None:
    network = Network()
    good = network.join(Link(**FAST))
    hopeless = network.join(Link(rate=60e3, delay=100_000))
    network.run(40)
    assert hopeless.viewer.slide_show
    assert network.bitrate > 3_000_000 or network.bitrates[-1][1] > network.bitrates[-2][1]
    network.run(60)
    assert network.bitrate == 4_000_000
    assert good.viewer.dropped == 0
    shown = [message for at, message in hopeless.painted if at > 50 * SECOND]
    assert shown
    assert all(message.key for message in shown)
    recent = [at for at in network.key_requests if at > 50 * SECOND]
    assert all(later - earlier >= 2 * SECOND for earlier, later in pairwise(recent))


def test_a_slide_show_ends_when_the_link_is_good_again() -> None:
    network = Network()
    watcher = network.join(Link(rate=60e3, delay=100_000))
    network.run(60)
    assert watcher.viewer.slide_show
    assert network.bitrate == FLOOR
    watcher.link.rate = 20e6
    network.run(60)
    assert not watcher.viewer.slide_show
    assert network.bitrate > 10 * FLOOR


def test_the_frame_rate_is_lowered_at_the_encoder_when_bits_are_scarce() -> None:
    network = Network(fps=60)
    network.join(Link(**SLOW))
    network.run(40)
    assert network.divisor > 1
    assert network.bitrate / (network.fps / network.divisor) >= 15_000


def test_a_link_that_becomes_slow_is_noticed_before_it_is_full() -> None:
    network = Network()
    watcher = network.join(Link(**FAST))
    network.run(10)
    watcher.link.rate = 500e3
    watcher.link.delay = 150_000
    network.run(40)
    assert network.bitrate < 500_000
    assert max(ages(watcher.started)) <= BOUND


def test_a_fixed_quality_is_kept_whatever_the_links_carry() -> None:
    network = Network()
    network.join(Link(**MIDDLE))
    network.hub.fix_bitrate(3_000_000)
    network.run(20)
    assert network.bitrate == 3_000_000
    assert network.audience[-1].fixed == 3_000_000
    network.hub.fix_bitrate(None)
    network.run(20)
    assert network.bitrate < 2_000_000


@pytest.mark.parametrize(("link", "fixed"), [(MIDDLE, 3_000_000), (MIDDLE, 8_000_000), (SLOW, 4_000_000)])
def test_a_fixed_quality_that_a_link_does_not_carry_is_a_slide_show(link: dict[str, float], fixed: int) -> None:
    network = Network()
    watcher = network.join(Link(**link))
    network.hub.fix_bitrate(fixed)
    network.run(120)
    moments = [at for at, _message in watcher.painted]
    assert max(later - earlier for earlier, later in pairwise(moments)) <= 2 * SLIDE_INTERVAL
    assert watcher.viewer.slide_show
    assert network.audience[-1].each[0].slide_show


def test_fixing_the_quality_leaves_the_other_numbers_alone() -> None:
    network = Network()
    watcher = network.join(Link(**FAST))
    network.run(10)
    before = watcher.viewer.status(network.now)
    network.hub.fix_bitrate(1_000_000)
    assert (network.bitrate, network.audience[-1].bitrate) == (1_000_000, 1_000_000)
    assert watcher.viewer.status(network.now) == before
    network.hub.fix_bitrate(None)
    network.run(1)
    assert network.bitrate == 4_000_000


def test_key_requests_are_few_whatever_happens() -> None:
    network = Network()
    for link in (FAST, MIDDLE, SLOW, {"rate": 60e3, "delay": 100_000}):
        network.join(Link(**link))
    network.run(60)
    assert all(later - earlier >= KEY_INTERVAL for earlier, later in pairwise(network.key_requests))
    assert len(network.key_requests) < 60


@pytest.mark.parametrize("idle", [2, 3600])
def test_the_first_viewer_after_a_while_is_judged_by_what_it_got(idle: int) -> None:
    """Nobody looked while nobody was there, and its key frame fills the link for a moment."""
    network = Network(fps=10)
    network.run(idle)
    watcher = network.join(Link(rate=8e6, delay=10_000))
    network.most[True] = 400_000
    network.run(1.5)
    (told,) = network.audience[-1].each
    arrived = sum(len(message.data) for _at, message in watcher.painted)
    assert told.bitrate > 4 * arrived
    assert min((bitrate for _at, bitrate in network.bitrates), default=4_000_000) > 1_000_000


def test_a_fast_link_with_a_still_picture_that_stalls_again_and_again_makes_no_slide_show() -> None:
    """What little was sent says nothing of what the link carries, and a key frame behind a stall little more."""
    dice = random.Random(9)
    stalls, end = list[tuple[int, int]](), 60 * SECOND
    while end < 1300 * SECOND:
        begin = end + round(dice.expovariate(1 / 20) * SECOND)
        end = begin + round(dice.uniform(0.5, 1.8) * SECOND)
        stalls.append((begin, end))
    network = Network(key=40_000, frame=300)
    watcher = network.join(Link(20e6, 5_000, stalls))
    shows = set()
    while network.now < end:
        network.run(1)
        shows.add(watcher.viewer.slide_show)
    assert shows == {False}
