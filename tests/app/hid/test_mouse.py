from __future__ import annotations

import pytest

from app.hid.mouse import Mouse, Pointer, UnknownButton, axis


@pytest.mark.parametrize(("pikvm", "ours"), [(-32768, 0), (32767, 32767), (0, 16384), (-40000, 0), (40000, 32767)])
def test_both_ends_of_the_axis_are_reached(pikvm: int, ours: int) -> None:
    assert axis(pikvm) == ours


def test_the_pointer_stays_where_it_is_when_a_button_changes() -> None:
    pointer = Pointer()
    assert pointer.move(1, 0x7FFF) == bytes([0, 1, 0, 0xFF, 0x7F, 0, 0])
    assert pointer.button("right", True) == bytes([2, 1, 0, 0xFF, 0x7F, 0, 0])
    assert pointer.wheel(-1, 127) == bytes([2, 1, 0, 0xFF, 0x7F, 127, 0xFF])
    assert pointer.held
    assert pointer.release() == bytes([0, 1, 0, 0xFF, 0x7F, 0, 0])
    assert not pointer.held


def test_the_mouse_reports_steps() -> None:
    mouse = Mouse()
    assert mouse.move(-127, 5) == bytes([0, 0x81, 5, 0, 0])
    assert mouse.button("left", True) == bytes([1, 0, 0, 0, 0])
    assert mouse.wheel(2, -3) == bytes([1, 0, 0, 0xFD, 2])
    assert mouse.release() == bytes(5)


def test_an_unknown_button_is_named() -> None:
    with pytest.raises(UnknownButton, match="button has value 'fire', expected one of left, right, middle, down, up"):
        Pointer().button("fire", True)
