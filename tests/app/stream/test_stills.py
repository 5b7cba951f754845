"""Pictures for those who cannot decode the stream, over simulated links."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.stream.pacer import BOUND
from app.stream.wire import Kind
from app.video.frame import AccessUnit
from app.video.quality import STEPS, Quality
from app.video.stills import INTERVAL
from tests.app.stream.link import SECOND, Link, Network, Watcher

TEXT = (440_000, 335_000, 240_000, 155_000, 62_000, 38_000, 22_000)
"""Bytes of a screen full of text, 1280 by 720, at each step; a photograph has a third of that."""


class Pictures(Network):
    """A network whose source is pictures."""

    def __init__(self) -> None:
        super().__init__(fps=SECOND // INTERVAL)
        self.quality = Quality()
        self.sizes: list[int] = []

    def _frame(self) -> None:
        self._at(self.now + INTERVAL, self._frame)
        self.sequence += 1
        size = TEXT[STEPS.index(self.quality.step)]
        self.quality.made(size, self.hub.still_bytes)
        self.sizes.append(size)
        self.hub.publish_still(AccessUnit(bytes(size), True, self.sequence, self.now - 20_000, 20_000, 1280, 720))
        for watcher in self.watchers:
            self._pump(watcher)

    def watcher(self, rate: float, delay: int) -> Watcher:
        return self.join(Link(rate, delay), Kind.JPEG)


def ages(watcher: Watcher, since: int) -> list[int]:
    """Of the pictures painted, at that moment."""
    return [now - message.captured_us for now, message in watcher.painted if now >= since]


def gaps(watcher: Watcher, since: int) -> list[int]:
    """Between two pictures painted."""
    return [later - earlier for earlier, later in pairwise(now for now, _ in watcher.painted if now >= since)]


@pytest.mark.parametrize(
    ("rate", "delay"), [(500e3, 40_000), (500e3, 150_000), (1e6, 20_000), (2e6, 300_000), (20e6, 2_500)]
)
def test_pictures_keep_coming_and_are_young(rate: float, delay: int) -> None:
    network = Pictures()
    watcher = network.watcher(rate, delay)
    network.run(120)
    assert all(now - message.captured_us <= BOUND for now, message in watcher.started)
    assert max(gaps(watcher, 20 * SECOND)) < SECOND
    assert max(ages(watcher, 20 * SECOND)) < SECOND + delay


@pytest.mark.parametrize("delay", [2_500, 150_000])
def test_they_get_finer_with_the_link_and_coarser_again(delay: int) -> None:
    network = Pictures()
    watcher = network.watcher(500e3, delay)
    network.run(60)
    assert max(network.sizes[-50:]) <= TEXT[-3]
    watcher.link.rate = 20e6
    network.run(60)
    assert set(network.sizes[-50:]) == {TEXT[0]}
    watcher.link.rate = 500e3
    network.run(60)
    assert max(network.sizes[-50:]) <= TEXT[-3]


def test_where_a_step_does_not_fit_it_is_not_tried_all_the_time() -> None:
    network = Pictures()
    network.watcher(2e6, 20_000)
    network.run(120)
    changes = sum(earlier != later for earlier, later in pairwise(network.sizes[100:]))
    assert changes <= 10


def test_who_cannot_follow_takes_nothing_from_who_can_but_quality() -> None:
    network = Pictures()
    good, slow = network.watcher(20e6, 2_500), network.watcher(500e3, 40_000)
    network.run(60)
    assert good.viewer.dropped == 0
    assert len(good.painted) >= len(network.sizes) - 1
    assert max(gaps(slow, 20 * SECOND)) < SECOND


def test_who_is_gone_or_says_nothing_holds_nobody_down() -> None:
    network = Pictures()
    network.watcher(20e6, 2_500)
    blocked, left = network.watcher(500e3, 40_000), network.watcher(500e3, 40_000)
    network.run(30)
    network.hub.leave(left.viewer)
    blocked.link.reads = False
    network.run(60)
    assert set(network.sizes[-50:]) == {TEXT[0]}


def test_what_was_known_is_forgotten_with_the_last_viewer() -> None:
    network = Pictures()
    watcher = network.watcher(500e3, 40_000)
    network.run(10)
    assert network.hub.still_bytes is not None
    network.hub.leave(watcher.viewer)
    assert network.hub.still_bytes is None
