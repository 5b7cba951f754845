"""The simulated target understands what the appliance sends, and its strip survives being read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.hid.keyboard import Keyboard
from app.hid.mouse import Mouse, Pointer
from app.sim import strip
from app.sim.strip import Strip, StripError
from app.sim.target import HEIGHT, WIDTH, Target


class Bench:
    def __init__(self) -> None:
        self.leds: list[bytes] = []
        self.target = Target(self.leds.append)
        self.keyboard = Keyboard()

    def key(self, *codes: str, pressed: bool = True) -> None:
        for code in codes:
            report = self.keyboard.key(code, pressed)
            assert report is not None
            self.target.keyboard(report)

    def tap(self, *codes: str) -> None:
        for code in codes:
            self.key(code)
            self.key(code, pressed=False)

    def read(self, frame: int = 0) -> Strip:
        pixels = self.target.draw(frame).convert("L")
        return strip.decode(lambda x, y: pixels.getpixel((x, y)), HEIGHT - strip.HEIGHT)


def test_what_is_typed_is_read_back() -> None:
    bench = Bench()
    bench.tap("KeyH", "KeyI", "Space")
    bench.key("ShiftLeft")
    bench.tap("KeyA", "Digit1", "Minus")
    bench.key("ShiftLeft", pressed=False)
    bench.tap("Slash")
    assert bench.read(77) == Strip(77, (640, 360), 0, 7, "hi A!_/")


def test_a_held_key_types_once_and_chords_in_order() -> None:
    bench = Bench()
    bench.key("KeyB", "KeyA", "KeyC")
    bench.key("KeyB", "KeyC", "KeyA", pressed=False)
    assert bench.read().text == "bac"


def test_roll_over_types_nothing() -> None:
    bench = Bench()
    bench.key("KeyA", "KeyB", "KeyC", "KeyD", "KeyE", "KeyF", "KeyG")
    assert bench.read().text == "abcdef"
    bench.key("KeyA", pressed=False)
    assert bench.read().text == "abcdefg"


def test_caps_lock_is_the_hosts_and_lights_its_led() -> None:
    bench = Bench()
    bench.tap("CapsLock", "KeyA", "Digit2", "CapsLock", "KeyA")
    assert bench.read().text == "A2a"
    assert bench.leds == [b"\x02", b"\x00"]


def test_control_chords_are_no_text() -> None:
    bench = Bench()
    bench.key("ControlLeft", "AltLeft", "Delete")
    assert bench.read().typed == 0


@pytest.mark.parametrize(
    ("at", "pixel"), [((0, 0), (0, 0)), ((32767, 32767), (1279, 719)), ((16384, 16384), (640, 360))]
)
def test_the_pointer_spans_the_screen(at: tuple[int, int], pixel: tuple[int, int]) -> None:
    bench, pointer = Bench(), Pointer()
    bench.target.pointer(pointer.move(*at))
    bench.target.pointer(pointer.button("right", True))
    shown = bench.read()
    assert (shown.pointer, shown.buttons) == (pixel, 2)


def test_the_mouse_moves_from_where_the_pointer_is_and_stops_at_the_edge() -> None:
    bench, mouse = Bench(), Mouse()
    bench.target.mouse(mouse.move(10, -20))
    assert bench.read().pointer == (650, 340)
    for _ in range(20):
        bench.target.mouse(mouse.move(-127, -127))
    assert bench.read().pointer == (0, 0)


@given(st.integers(0, 2**32 - 1), st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.text("az09 ~", max_size=31))
def test_the_strip_says_what_was_put_in(frame: int, x: int, y: int, text: str) -> None:
    said = Strip(frame, (x, y), 5, len(text), text)
    bits = Image.frombytes("1", (strip.COLUMNS, strip.ROWS), strip.encode(said))
    assert strip.decode(lambda px, py: bits.getpixel((px // strip.CELL, py // strip.CELL)), 0) == said


def test_a_picture_without_a_strip_is_refused() -> None:
    with pytest.raises(StripError):
        strip.decode(lambda _x, _y: 0, 0)
