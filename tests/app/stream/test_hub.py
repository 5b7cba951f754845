from __future__ import annotations

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.stream.hub import KEY_INTERVAL, Hub
from app.stream.pacer import BOUND
from app.stream.rate import Rate
from app.stream.viewer import FIRST_PATIENCE, MAX_FRAMES, STALE, WISH_INTERVAL, Viewer
from app.stream.wire import Kind, Message, Report, encode
from app.video.frame import AccessUnit


def unit(sequence: int, *, key: bool = False, size: int = 100) -> AccessUnit:
    return AccessUnit(bytes(size), key, sequence, sequence * 33_333, 1000, 1280, 720)


class Bench:
    """A hub on a clock that the test moves, and an encoder that only counts."""

    def __init__(self, bound: int = BOUND) -> None:
        self.now = 0
        self.keys = 0
        self.demands: list[bool] = []
        self.stills: list[bool] = []
        self.audience: list[int] = []
        self.hub = Hub(
            lambda: self.now, self, Rate(4_000_000), lambda viewers: self.audience.append(viewers.count), bound
        )
        self.hub.still_demand = self.stills.append

    def watch(self, watched: bool) -> None:
        self.demands.append(watched)

    def request_key(self) -> None:
        self.keys += 1

    def set_bitrate(self, bits_per_second: int) -> None:
        raise AssertionError("nobody is congested")

    def set_frame_divisor(self, divisor: int) -> None:
        raise AssertionError("nobody is congested")

    def drain(self, viewer: Viewer) -> list[int]:
        """The sequences that may start now; each is acknowledged at once."""
        found = []
        while (message := viewer.take(self.now)) is not None:
            found.append(message.sequence)
            viewer.shown(message.sequence, self.now)
        return found

    def publish(self, *units: AccessUnit) -> None:
        for each in units:
            self.now += 33_333
            self.hub.publish(each)


async def test_a_viewer_starts_at_a_key_frame() -> None:
    bench = Bench()
    viewer = bench.hub.join()
    bench.publish(unit(1), unit(2), unit(3, key=True), unit(4))
    assert bench.drain(viewer) == [3, 4]
    assert viewer.dropped == 2


async def test_key_frames_are_asked_for_once_for_all_and_not_too_often() -> None:
    bench = Bench()
    viewers = [bench.hub.join() for _ in range(5)]
    assert bench.keys == 1
    bench.publish(*(unit(number) for number in range(14)))
    assert bench.keys == 1
    bench.publish(unit(14), unit(15))
    assert bench.keys == 2
    for number in range(16, 60):
        bench.publish(unit(number, key=number == 16))
        for viewer in viewers:
            assert bench.drain(viewer) == [number]
    assert bench.keys == 2


async def test_one_who_does_not_read_costs_the_others_nothing() -> None:
    bench = Bench()
    reader, stalled = bench.hub.join(), bench.hub.join()
    seen = []
    for number in range(200):
        bench.publish(unit(number, key=number % 50 == 0))
        seen += bench.drain(reader)
    assert seen == list(range(200))
    assert reader.dropped == 0
    left = bench.drain(stalled)
    assert left == [199 - 199 % 50] or left == []


async def test_the_queue_is_bounded_in_bytes() -> None:
    viewer = Viewer(max_frames=1000, max_bytes=1000)
    viewer.offer(encode(unit(0, key=True, size=500)), 0)
    viewer.offer(encode(unit(1, size=400)), 0)
    viewer.offer(encode(unit(2, size=400)), 0)
    assert viewer.waits_for_key
    assert viewer.drops == {"full": 3}
    assert viewer.take(0) is None


async def test_one_frame_larger_than_the_bound_still_arrives() -> None:
    viewer = Viewer(max_bytes=1000)
    viewer.offer(encode(unit(0, key=True, size=5000)), 0)
    assert viewer.take(0) is not None


async def test_a_lost_decoder_gets_a_key_frame_next() -> None:
    bench = Bench()
    viewer = bench.hub.join()
    bench.publish(unit(0, key=True), unit(1))
    bench.now += KEY_INTERVAL
    bench.hub.key_wanted(viewer)
    assert bench.keys == 2
    bench.publish(unit(2), unit(3, key=True))
    assert bench.drain(viewer) == [3]


async def test_a_key_frame_that_is_wished_for_costs_the_viewer_nothing() -> None:
    bench = Bench()
    viewer = bench.hub.join()
    bench.publish(unit(0, key=True))
    assert bench.drain(viewer) == [0]
    bench.now = 15 * 33_333
    bench.publish(unit(16))
    assert viewer.take(bench.now) is not None
    bench.publish(unit(17))
    bench.hub.key_wished(viewer)
    assert bench.keys == 2
    bench.publish(unit(18), unit(19, key=True))
    assert bench.drain(viewer) == [17, 18, 19]
    assert viewer.dropped == 0


async def test_wishes_are_granted_every_two_seconds_and_never_forgotten() -> None:
    bench = Bench()
    viewer = bench.hub.join()
    asked = []
    for number in range(30 * 10):
        before = bench.keys
        bench.publish(unit(number, key=number == 0 or asked[-1:] == [number - 1]))
        assert bench.drain(viewer) == [number]
        bench.hub.key_wished(viewer)
        if bench.keys > before:
            asked.append(number)
    assert {later - earlier for earlier, later in pairwise(asked)} == {WISH_INTERVAL // 33_333 + 2}
    assert viewer.dropped == 0


async def test_frames_are_wanted_only_while_somebody_is_there() -> None:
    bench = Bench()
    first, second = bench.hub.join(), bench.hub.join()
    bench.hub.leave(first)
    bench.hub.leave(second)
    assert bench.demands == [True, False]
    assert bench.audience == [1, 2, 1, 0]


def test_it_is_occupied_while_somebody_watches() -> None:
    bench = Bench()
    assert not bench.hub.occupied.is_set()
    first, second = bench.hub.join(), bench.hub.join()
    bench.hub.leave(first)
    assert bench.hub.occupied.is_set()
    bench.hub.leave(second)
    assert not bench.hub.occupied.is_set()


def test_a_newcomer_gets_the_last_group_while_it_is_fresh() -> None:
    bench = Bench()
    bench.hub.join()
    bench.publish(unit(0, key=True), unit(1), unit(2))
    assert bench.drain(bench.hub.join()) == [0, 1, 2]
    assert bench.keys == 1
    bench.now = BOUND + 1
    late = bench.hub.join()
    assert bench.drain(late) == []
    assert late.dropped == 0
    bench.now = KEY_INTERVAL
    bench.publish(unit(30), unit(31, key=True))
    assert bench.keys == 2
    assert bench.drain(late) == [31]


def test_how_old_a_frame_may_start_can_be_set() -> None:
    bench = Bench(bound=1_000_000)
    viewer, tap = bench.hub.join(), bench.hub.tap()
    bench.publish(unit(0, key=True), unit(1))
    bench.now = 1_000_000
    bench.hub.publish(unit(2))
    newcomer = bench.hub.join()
    for each in (viewer, tap, newcomer):
        assert bench.drain(each) == [0, 1, 2]
    bench.now = 1_000_001
    assert bench.drain(bench.hub.join()) == []


def test_a_group_too_long_for_a_queue_is_not_kept() -> None:
    bench = Bench()
    bench.hub.publish(unit(0, key=True))
    for number in range(1, MAX_FRAMES + 1):
        bench.hub.publish(unit(number))
    assert bench.drain(bench.hub.join()) == []


def test_a_viewer_that_keeps_losing_its_way_asks_more_and_more_rarely() -> None:
    bench = Bench()
    viewer = bench.hub.join()
    asked = []
    for number in range(30 * 40):
        before = bench.keys
        bench.publish(unit(number, key=bool(asked) and asked[-1] == number - 1))
        if bench.drain(viewer):
            bench.hub.key_wanted(viewer)
        if bench.keys > before:
            asked.append(number)
    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert gaps[-1] >= 7 * 30
    assert gaps == sorted(gaps)


def test_one_that_could_not_send_a_key_frame_does_not_ask_for_one() -> None:
    bench = Bench()
    viewer = bench.hub.join()
    bench.publish(unit(0, key=True))
    assert viewer.take(bench.now) is not None
    bench.publish(*(unit(number) for number in range(1, 100)))
    assert viewer.waits_for_key
    assert bench.keys == 1
    assert viewer.take(bench.now) is None
    viewer.shown(0, bench.now)
    bench.publish(unit(100))
    assert bench.keys == 2


def test_a_frame_that_waited_too_long_takes_its_group_with_it() -> None:
    viewer = Viewer()
    for number in range(4):
        viewer.offer(encode(unit(number, key=number in {0, 3})), number * 33_333)
    taken = viewer.take(BOUND + 2 * 33_333)
    assert taken is not None
    assert taken.sequence == 3
    assert viewer.drops == {"late": 3}


def test_the_newest_frame_may_start_however_old_it_is() -> None:
    """On a slow encoder every frame is old when it comes; there is nothing better to send."""
    viewer = Viewer()
    viewer.offer(encode(unit(0, key=True)), 10 * BOUND)
    assert viewer.take(10 * BOUND) is not None


def test_a_report_is_told_while_it_is_of_now() -> None:
    viewer = Viewer()
    viewer.reported(Report(20_000, 30_000, 1_000, 29.7, 2))
    viewer.histogram = (1, 2)
    for _ in range(STALE):
        viewer.observe(1_000_000)
        told = viewer.status(0)
        assert (told.fps, told.median_ms, told.histogram) == (29.7, 20.0, (1, 2))
    viewer.observe(1_000_000)
    told = viewer.status(0)
    assert (told.fps, told.median_ms, told.p95_ms, told.uncertainty_ms) == (0.0, None, None, None)
    assert (told.histogram, told.decoder) == ((), 2)


def test_of_frames_that_come_together_only_the_newest_may_be_old() -> None:
    """The loop was held up for a second. The newest cannot be decoded without the others, which are too old to start."""
    bench = Bench()
    viewer, started = bench.hub.join(), []
    viewer.wake = lambda: started.extend(bench.drain(viewer))
    bench.now = 30 * 33_333 + 1_000_000
    bench.hub.publish(*(unit(number, key=number == 0) for number in range(30)))
    assert started == []
    assert bench.keys == 2
    bench.hub.publish(unit(30), unit(31, key=True))
    assert started == [31]


def test_saying_twice_that_the_decoder_is_lost_is_saying_it_once() -> None:
    bench = Bench()
    viewer = bench.hub.join()
    bench.publish(unit(0, key=True))
    assert bench.drain(viewer) == [0]
    bench.now = KEY_INTERVAL
    for _ in range(10):
        bench.hub.key_wanted(viewer)
    bench.publish(unit(15, key=True))
    assert bench.drain(viewer) == [15]
    bench.now = 2 * KEY_INTERVAL + 40_000
    bench.hub.key_wanted(viewer)
    bench.now += FIRST_PATIENCE
    bench.publish(unit(60))
    assert bench.keys == 3


def test_stills_go_only_to_those_who_cannot_decode() -> None:
    bench = Bench()
    viewer, other = bench.hub.join(), bench.hub.join(Kind.JPEG)
    assert bench.stills == [True]
    bench.hub.publish_still(unit(7, key=True))
    bench.publish(unit(8, key=True))
    assert bench.drain(other) == [7]
    assert bench.drain(viewer) == [8]
    assert other.dropped == 0
    bench.hub.leave(other)
    assert bench.stills == [True, False]


def test_of_stills_only_the_newest_waits() -> None:
    bench = Bench()
    viewer = bench.hub.join(Kind.JPEG)
    for sequence in (7, 8, 9):
        bench.hub.publish_still(unit(sequence, key=True))
    assert bench.drain(viewer) == [9]
    assert viewer.drops["late"] == 2


def test_a_tap_gets_the_stream_and_is_no_audience() -> None:
    bench = Bench()
    tap = bench.hub.tap()
    assert (bench.demands, bench.audience, bench.keys) == ([True], [], 1)
    bench.publish(unit(0, key=True), unit(1))
    assert bench.drain(tap) == [0, 1]
    bench.hub.untap(tap)
    assert bench.demands == [True, False]


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 400), st.booleans())), st.integers(1, 5), st.integers(1, 1000))
def test_what_a_viewer_gets_can_always_be_decoded(
    steps: list[tuple[bool, int, bool]], max_frames: int, max_bytes: int
) -> None:
    """Whatever is published and however it reads: every frame it gets is a key frame or directly follows the one before."""

    async def scenario() -> None:
        viewer = Viewer(max_frames=max_frames, max_bytes=max_bytes)
        got: list[Message] = []
        for number, (key, size, reads) in enumerate(steps):
            message = encode(unit(number * 3, key=key, size=size))
            viewer.offer(message, number * 100_000)
            assert len(viewer._queue) <= max_frames
            assert sum(len(each.data) for each in viewer._queue) <= max(max_bytes, len(message.data))
            if reads and (taken := viewer.take(number * 100_000)):
                got.append(taken)
        for before, after in zip([None, *got], got, strict=False):
            assert after.key or (before is not None and after.sequence == before.sequence + 3)
        assert viewer.dropped + len(got) + len(viewer._queue) == len(steps)

    asyncio.run(scenario())
