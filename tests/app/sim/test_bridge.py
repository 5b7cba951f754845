"""The simulated bridge's own time: what its driver notices late, or never."""

from __future__ import annotations

import errno

import pytest

from app.sim.bridge import HOT_PLUG, POLL, POWER_ON, Bridge, mode
from app.video.presets import DEFAULT, preset
from app.video.timings import Timings

EDID = preset(DEFAULT, "1").build()
HD = mode(1280, 720, 60)


class Bench:
    def __init__(self) -> None:
        self.now = 5_000_000
        self.bridge = Bridge(lambda: self.now)

    def later(self, microseconds: int) -> bool:
        self.now += microseconds
        return self.bridge.poll()


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def locked(bench: Bench) -> Bench:
    """A target that sends 720p60, seen and adopted."""
    bench.bridge.plug(True)
    bench.bridge.send(HD)
    bench.bridge.set_edid(EDID)
    bench.later(POLL)
    bench.later(POLL)
    bench.bridge.set_timings(bench.bridge.query())
    bench.bridge.muted = False
    assert bench.bridge.flowing
    return bench


def refused(bridge: Bridge) -> int:
    with pytest.raises(OSError) as caught:  # noqa: PT011 # the errno is what is asked for
        bridge.query()
    return caught.value.errno or 0


def test_without_an_edid_no_target_sends(bench: Bench) -> None:
    bench.bridge.plug(True)
    bench.bridge.send(HD)
    bench.later(10 * POLL)
    assert not bench.bridge.hot_plug
    assert refused(bench.bridge) == errno.ENOLINK


def test_hot_plug_goes_up_a_tenth_of_a_second_after_the_edid(bench: Bench) -> None:
    bench.bridge.plug(True)
    bench.bridge.send(HD)
    bench.bridge.set_edid(EDID)
    bench.now += HOT_PLUG - 1
    assert refused(bench.bridge) == errno.ENOLINK
    bench.now += 1
    assert bench.bridge.query().width == 1280


def test_an_edid_loaded_without_power_waits_for_it(bench: Bench) -> None:
    bench.bridge.set_edid(EDID)
    bench.later(POLL)
    assert not bench.bridge.hot_plug
    bench.bridge.plug(True)
    assert not bench.bridge.hot_plug
    assert not bench.bridge.power_seen
    bench.later(POLL)
    assert bench.bridge.power_seen
    bench.now += HOT_PLUG
    assert bench.bridge.hot_plug


def test_a_change_is_announced_up_to_a_second_late_and_mutes(locked: Bench) -> None:
    locked.bridge.send(mode(1920, 1080, 30))
    assert not locked.later(POLL - 1)
    assert not locked.bridge.muted
    assert not locked.bridge.flowing, "pixels of another mode are no frames of this one"
    assert locked.later(1)
    assert locked.bridge.muted
    assert not locked.later(POLL)


def test_the_latency_can_be_chosen() -> None:
    now = 0
    bridge = Bridge(lambda: now, latency=1000)
    bridge.plug(True)
    bridge.set_edid(EDID)
    now = HOT_PLUG
    assert not bridge.poll(), "nothing is sent yet"
    assert bridge.hot_plug, "what is up stays up"
    bridge.send(HD)
    now += 999
    assert not bridge.poll()
    now += 1
    assert bridge.poll()


def test_a_change_back_before_the_driver_looks_changes_nothing(locked: Bench) -> None:
    locked.bridge.send(mode(1920, 1080, 30))
    locked.bridge.send(HD)
    assert not locked.later(POLL)
    assert locked.bridge.flowing


def test_a_cable_that_is_pulled_ends_the_frames_and_nobody_says_so(locked: Bench) -> None:
    locked.bridge.plug(False)
    assert locked.bridge.power_seen, "the control is as old as the last look"
    assert not locked.bridge.flowing
    assert not locked.later(POLL)
    assert not locked.bridge.power_seen
    assert locked.bridge.timings == Timings(0, 0, 0)
    locked.bridge.plug(True)
    assert not locked.later(POLL)
    assert locked.later(POLL), "its return is announced"
    assert locked.bridge.set_timings(locked.bridge.query()), "the same mode has to be set again"


def test_a_power_cycle_takes_the_edid_and_leaves_its_length(locked: Bench) -> None:
    locked.bridge.power_cycle()
    assert locked.bridge.edid() == bytes(len(EDID))
    assert refused(locked.bridge) == errno.ENOLINK
    locked.bridge.set_edid(EDID)
    locked.now += HOT_PLUG
    assert locked.bridge.query().height == 720


def test_the_rate_is_a_whole_number_and_the_blanking_all_sync(locked: Bench) -> None:
    for sent, seen in ((59.94, 60), (23.976, 24), (50, 50), (75, 75), (70.08, 70)):
        locked.bridge.send(mode(1280, 720, sent))
        found = locked.bridge.query()
        assert found.fps == seen
        assert (found.hsync, found.vsync, found.hfrontporch, found.vbackporch) == (160, 20, 0, 0)


@pytest.mark.parametrize(
    "sent", [mode(1928, 1080, 30), mode(632, 480, 60), mode(640, 340, 60), mode(1920, 1208, 30), mode(640, 480, 20), mode(1920, 1200, 75)]
)  # fmt: skip
def test_what_the_receiver_cannot_take_is_out_of_range(locked: Bench, sent: Timings) -> None:
    locked.bridge.send(sent)
    assert refused(locked.bridge) == errno.ERANGE


def test_it_begins_with_the_drivers_own_timings(bench: Bench) -> None:
    assert bench.bridge.timings == POWER_ON
    assert POWER_ON.fps == 59.94
    assert not bench.bridge.set_timings(POWER_ON)
