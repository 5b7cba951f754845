from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from app.stream.hub import KEY_INTERVAL, Hub
from app.stream.viewer import MAX_FRAMES, Viewer
from app.stream.wire import Message, encode
from app.video.frame import AccessUnit


def unit(sequence: int, *, key: bool = False, size: int = 100) -> AccessUnit:
    return AccessUnit(bytes(size), key, sequence, sequence * 33_333, 1000, 1280, 720)


class Bench:
    """A hub on a clock that the test moves, and an encoder that only counts."""

    def __init__(self) -> None:
        self.now = 0
        self.keys = 0
        self.demands: list[bool] = []
        self.audience: list[int] = []
        self.hub = Hub(lambda: self.now, self._key, self.demands.append, self.audience.append)

    def _key(self) -> None:
        self.keys += 1

    def publish(self, *units: AccessUnit) -> None:
        for each in units:
            self.now += 33_333
            self.hub.publish(each)


async def drain(viewer: Viewer) -> list[int]:
    """The sequences that wait for the viewer."""
    found = []
    try:
        while True:
            async with asyncio.timeout(0):
                found.append((await viewer.next()).sequence)
    except TimeoutError:
        return found


async def test_a_viewer_starts_at_a_key_frame() -> None:
    bench = Bench()
    viewer = bench.hub.join()
    bench.publish(unit(1), unit(2), unit(3, key=True), unit(4))
    assert await drain(viewer) == [3, 4]
    assert viewer.dropped == 2


async def test_key_frames_are_asked_for_once_for_all_and_not_too_often() -> None:
    bench = Bench()
    for _ in range(5):
        bench.hub.join()
    assert bench.keys == 1
    bench.publish(*(unit(number) for number in range(14)))
    assert bench.keys == 1
    bench.publish(unit(14), unit(15))
    assert bench.keys == 2
    bench.publish(unit(16, key=True), *(unit(number) for number in range(17, 40)))
    assert bench.keys == 2


async def test_one_who_does_not_read_costs_the_others_nothing() -> None:
    bench = Bench()
    reader, stalled = bench.hub.join(), bench.hub.join()
    seen = []
    for number in range(200):
        bench.publish(unit(number, key=number % 50 == 0))
        seen += await drain(reader)
    assert seen == list(range(200))
    assert reader.dropped == 0
    left = await drain(stalled)
    assert len(left) <= MAX_FRAMES
    assert left == [] or left[0] % 50 == 0


async def test_the_queue_is_bounded_in_bytes() -> None:
    viewer = Viewer(max_frames=1000, max_bytes=1000)
    viewer.offer(encode(unit(0, key=True, size=500)))
    viewer.offer(encode(unit(1, size=400)))
    viewer.offer(encode(unit(2, size=400)))
    assert viewer.waits_for_key
    assert await drain(viewer) == []


async def test_one_frame_larger_than_the_bound_still_arrives() -> None:
    viewer = Viewer(max_bytes=1000)
    viewer.offer(encode(unit(0, key=True, size=5000)))
    assert await drain(viewer) == [0]


async def test_a_lost_decoder_gets_a_key_frame_next() -> None:
    bench = Bench()
    viewer = bench.hub.join()
    bench.publish(unit(0, key=True), unit(1))
    bench.now += KEY_INTERVAL
    bench.hub.key_wanted(viewer)
    assert bench.keys == 2
    bench.publish(unit(2), unit(3, key=True))
    assert await drain(viewer) == [3]


async def test_frames_are_wanted_only_while_somebody_is_there() -> None:
    bench = Bench()
    first, second = bench.hub.join(), bench.hub.join()
    bench.hub.leave(first)
    bench.hub.leave(second)
    assert bench.demands == [True, False]
    assert bench.audience == [1, 2, 1, 0]


async def test_a_still_is_the_next_key_frame_and_no_viewer() -> None:
    bench = Bench()
    still = asyncio.ensure_future(bench.hub.key_frame())
    await asyncio.sleep(0)
    assert (bench.keys, bench.demands, bench.audience) == (1, [True], [])
    bench.publish(unit(1), unit(2, key=True), unit(3, key=True))
    assert (await still).sequence == 2
    assert bench.demands == [True, False]


async def test_an_impatient_still_leaves_nothing_behind() -> None:
    bench = Bench()
    still = asyncio.ensure_future(bench.hub.key_frame())
    await asyncio.sleep(0)
    still.cancel()
    await asyncio.gather(still, return_exceptions=True)
    assert bench.demands == [True, False]
    bench.publish(unit(1, key=True))


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 400), st.booleans())), st.integers(1, 5), st.integers(1, 1000))
def test_what_a_viewer_gets_can_always_be_decoded(
    steps: list[tuple[bool, int, bool]], max_frames: int, max_bytes: int
) -> None:
    """Whatever is published and however it reads: every frame it gets is a key frame or directly follows the one before."""

    async def scenario() -> None:
        viewer = Viewer(max_frames, max_bytes)
        got: list[Message] = []
        for number, (key, size, reads) in enumerate(steps):
            message = encode(unit(number, key=key, size=size))
            viewer.offer(message)
            assert len(viewer._queue) <= max_frames
            assert sum(len(each.data) for each in viewer._queue) <= max(max_bytes, len(message.data))
            if reads and viewer._queue:
                got.append(await viewer.next())
        for before, after in zip([None, *got], got, strict=False):
            assert after.key or (before is not None and after.sequence == before.sequence + 1)
        assert viewer.dropped + len(got) + len(viewer._queue) == len(steps)

    asyncio.run(scenario())
