"""What is clicked on the page is what is clicked on the target."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.screen import Screen
from tests.browser.visitor import overhear

WIDTH, HEIGHT = 1280, 720
PLACES = [(0, 0), (1279, 719), (640, 360), (100, 650), (1201, 33), (333, 444)]


def on_page(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where the middle of the picture's pixel is in the window: the largest 16:9 in the middle of the canvas."""
    box = page.locator("canvas").bounding_box()
    assert box is not None
    scale = min(box["width"] / WIDTH, box["height"] / HEIGHT)
    left = box["x"] + (box["width"] - WIDTH * scale) / 2
    top = box["y"] + (box["height"] - HEIGHT * scale) / 2
    return left + (x + 0.5) * scale, top + (y + 0.5) * scale


def near(pointer: tuple[int, int], place: tuple[int, int]) -> bool:
    """Within two pixels of the target."""
    return abs(pointer[0] - place[0]) <= 2 and abs(pointer[1] - place[1]) <= 2


@pytest.mark.parametrize(("width", "height", "bars"), [(1600, 700, "beside"), (900, 1100, "above")])
def test_a_click_lands_where_it_was_made(open_console: OpenPage, width: int, height: int, bars: str) -> None:
    page = open_console(width, height)
    box = page.locator("canvas").bounding_box()
    assert box is not None
    assert (box["width"] / box["height"] > WIDTH / HEIGHT) == (bars == "beside")
    screen = Screen(page)
    for place in PLACES:
        page.mouse.move(*on_page(page, *place))
        page.mouse.down()
        seen = screen.until(lambda strip: strip.buttons == 1)
        assert near(seen.pointer, place), f"clicked {place}, arrived at {seen.pointer}"
        page.mouse.up()
        screen.until(lambda strip: strip.buttons == 0)


def test_the_last_place_of_a_movement_arrives(console: Page) -> None:
    console.mouse.move(*on_page(console, 20, 20))
    console.mouse.move(*on_page(console, 1000, 500), steps=200)
    Screen(console).until(lambda strip: near(strip.pointer, (1000, 500)))


def test_each_button_is_its_own(console: Page) -> None:
    screen = Screen(console)
    console.mouse.move(*on_page(console, 300, 300))
    console.mouse.down(button="left")
    console.mouse.down(button="right")
    screen.until(lambda strip: strip.buttons == 0b011)
    console.mouse.up(button="left")
    screen.until(lambda strip: strip.buttons == 0b010)
    console.mouse.up(button="right")
    console.mouse.down(button="middle")
    screen.until(lambda strip: strip.buttons == 0b100)
    console.mouse.up(button="middle")
    screen.until(lambda strip: strip.buttons == 0)


def test_a_button_let_go_outside_the_picture_is_up(console: Page) -> None:
    screen = Screen(console)
    console.mouse.move(*on_page(console, 600, 20))
    console.mouse.down()
    screen.until(lambda strip: strip.buttons == 1)
    console.mouse.move(400, 5)
    console.mouse.up()
    assert screen.until(lambda strip: strip.buttons == 0).pointer[1] == 0


def test_a_held_button_is_released_when_the_picture_loses_the_focus(console: Page) -> None:
    screen = Screen(console)
    console.mouse.move(*on_page(console, 600, 300))
    console.mouse.down()
    screen.until(lambda strip: strip.buttons == 1)
    console.get_by_role("button", name="Full screen").focus()
    screen.until(lambda strip: strip.buttons == 0)


def test_the_bars_beside_the_picture_are_not_the_targets(open_console: OpenPage) -> None:
    page = open_console(1600, 700)
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 100)
    page.mouse.down()
    page.keyboard.press("a")
    assert Screen(page).until(lambda strip: strip.text == "a").buttons == 0


def test_a_captured_mouse_moves_by_steps(console: Page) -> None:
    screen = Screen(console)
    console.mouse.move(*on_page(console, 640, 360))
    before = screen.until(lambda strip: near(strip.pointer, (640, 360)))
    console.get_by_role("button", name="Capture mouse").click()
    expect(console.get_by_role("button", name="Capture mouse")).to_have_attribute("aria-pressed", "true")
    console.mouse.move(500, 400)
    console.mouse.move(530, 410)
    screen.until(lambda strip: strip.pointer != before.pointer)


def test_a_press_carries_its_place(console: Page) -> None:
    """A finger comes down where the pointer was not before."""
    said = overhear(console)
    x, y = on_page(console, 320, 180)
    console.context.new_cdp_session(console).send(
        "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
    )
    seen = Screen(console).until(lambda strip: strip.buttons == 1)
    assert near(seen.pointer, (320, 180))
    assert [kind for kind, _ in said] == ["mouse_move", "mouse_button"]


def test_the_wheel_turns_the_way_of_the_hand(console: Page) -> None:
    said = overhear(console)
    console.mouse.move(*on_page(console, 600, 300))
    console.mouse.wheel(0, 200)
    console.mouse.wheel(100, -100)
    console.keyboard.press("a")
    Screen(console).until(lambda strip: strip.text == "a")
    turns = [event["delta"] for kind, event in said if kind == "mouse_wheel"]
    assert turns == [{"x": 0, "y": -2}, {"x": 1, "y": 1}]
