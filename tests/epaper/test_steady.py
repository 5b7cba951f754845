"""What wobbles stays put."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.status import Device, Health, Network
from epaper.steady import Steady, Step, bars


def test_a_step_is_left_beyond_its_margin_only():
    step = Step(5, 2)
    readings = [70.0, 72.4, 74.4, 74.6, 71.0, 70.4, None, 71.0]
    assert [step.settle(reading) for reading in readings] == [70, 70, 70, 75, 75, 70, None, 70]


@given(st.lists(st.floats(0, 100), min_size=1))
def test_what_is_shown_is_near_and_a_reading_that_wobbles_changes_nothing(readings):
    step = Step(25, 5)
    for reading in readings:
        shown = step.settle(reading)
        assert shown is not None
        assert abs(shown - reading) <= 17.5
        assert all(step.settle(min(max(shown + wobble, 0), 100)) == shown for wobble in (-15, 15, 0))


def test_a_status_keeps_everything_else():
    device = Device(network=Network("kvm", wifi="shop", strength=62), health=Health("1", temperature=63.2))
    settled = Steady().settle(device)
    assert (settled.network, settled.health) == (Network("kvm", wifi="shop", strength=50), Health("1", temperature=65))
    assert Steady().settle(Device()) == Device()


def test_bars():
    assert [bars(strength) for strength in (0, 25, 50, 75, 100)] == [0, 1, 2, 3, 4]
