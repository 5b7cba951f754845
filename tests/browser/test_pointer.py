"""What is clicked on the page is what is clicked on the target."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.appliance import Appliance
from tests.browser.conftest import OpenPage
from tests.browser.screen import Screen
from tests.browser.visitor import hide, overheard, undisturbed

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

    def click(place: tuple[int, int]) -> None:
        page.mouse.move(*on_page(page, *place))
        page.mouse.down()
        seen = screen.until(lambda strip: strip.buttons == 1)
        assert near(seen.pointer, place), f"clicked {place}, arrived at {seen.pointer}"
        page.mouse.up()
        screen.until(lambda strip: strip.buttons == 0)

    for place in PLACES:
        undisturbed(page, partial(click, place))


def test_the_last_place_of_a_movement_arrives(console: Page) -> None:
    console.locator("canvas").click()
    console.mouse.move(*on_page(console, 20, 20))
    console.mouse.move(*on_page(console, 1000, 500), steps=200)
    Screen(console).until(lambda strip: near(strip.pointer, (1000, 500)))


def test_each_button_is_its_own(console: Page) -> None:
    screen = Screen(console)
    console.mouse.move(*on_page(console, 300, 300))

    def press_each() -> None:
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

    undisturbed(console, press_each)


def test_a_button_let_go_outside_the_picture_is_up(console: Page) -> None:
    screen = Screen(console)

    def press() -> None:
        console.mouse.move(*on_page(console, 600, 20))
        console.mouse.down()
        screen.until(lambda strip: strip.buttons == 1)

    undisturbed(console, press)
    console.mouse.move(400, 5)
    console.mouse.up()
    assert screen.until(lambda strip: strip.buttons == 0).pointer[1] == 0


def tab_away(page: Page) -> None:
    page.get_by_role("button", name="Full screen").focus()


def switch_away(page: Page) -> None:
    page.evaluate("dispatchEvent(new Event('blur'))")


def hide_for_a_moment(page: Page) -> None:
    """While nobody sees the picture there is none to look at."""
    for hidden in (True, False):
        hide(page, hidden=hidden)


@pytest.mark.parametrize("leave", [tab_away, switch_away, hide_for_a_moment])
def test_a_held_button_is_released_when_nobody_sees_it_any_more(console: Page, leave: Callable[[Page], None]) -> None:
    screen = Screen(console)

    def press() -> None:
        console.mouse.move(*on_page(console, 600, 300))
        console.mouse.down()
        screen.until(lambda strip: strip.buttons == 1)

    undisturbed(console, press)
    leave(console)
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
    console.locator("canvas").click()
    console.mouse.move(*on_page(console, 640, 360))
    before = screen.until(lambda strip: near(strip.pointer, (640, 360)))
    console.get_by_role("button", name="Capture mouse").click()
    expect(console.get_by_role("button", name="Capture mouse")).to_have_attribute("aria-pressed", "true")
    console.mouse.move(500, 400)
    console.mouse.move(530, 410)
    screen.until(lambda strip: strip.pointer != before.pointer)


def test_a_button_that_a_captured_mouse_holds_is_up_when_the_capture_ends(console: Page) -> None:
    """The cursor is back over the toolbar then, and what is let go of there does not reach the picture."""
    screen = Screen(console)
    lock = console.get_by_role("button", name="Capture mouse")
    lock.click()
    expect(lock).to_have_attribute("aria-pressed", "true")

    def press() -> None:
        console.mouse.down()
        screen.until(lambda strip: strip.buttons == 1)

    undisturbed(console, press)
    console.evaluate("document.exitPointerLock()")
    expect(lock).to_have_attribute("aria-pressed", "false")
    screen.until(lambda strip: strip.buttons == 0)
    console.mouse.up()


@pytest.fixture
def touched(console: Page) -> CDPSession:
    """Fingers: Playwright's own taps come without anything in between."""
    return console.context.new_cdp_session(console)


def fingers(touched: CDPSession, kind: str, *places: tuple[float, float]) -> None:
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
    touched.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_tap_clicks_where_it_was(console: Page, touched: CDPSession, appliance: Appliance) -> None:
    fingers(touched, "touchStart", on_page(console, 320, 180))
    fingers(touched, "touchEnd")
    Screen(console).until(lambda strip: near(strip.pointer, (320, 180)) and strip.buttons == 0)
    assert [(kind, event.get("buttons")) for kind, event in overheard(appliance)] == [
        ("mouse_move", None), ("hold", ["left"]), ("keep", [])
    ]  # fmt: skip


def test_a_long_press_is_the_right_button(console: Page, touched: CDPSession, appliance: Appliance) -> None:
    fingers(touched, "touchStart", on_page(console, 500, 300))
    Screen(console).until(lambda strip: near(strip.pointer, (500, 300)))
    fingers(touched, "touchEnd")
    console.keyboard.press("z")
    Screen(console).until(lambda strip: strip.text == "z")
    assert [event["buttons"] for kind, event in overheard(appliance)[1:3]] == [["right"], []]


def test_a_finger_that_moves_drags(console: Page, touched: CDPSession) -> None:
    screen = Screen(console)

    def drag() -> None:
        fingers(touched, "touchStart", on_page(console, 300, 300))
        try:
            for x in (310, 350, 400):
                fingers(touched, "touchMove", on_page(console, x, 320))
            screen.until(lambda strip: strip.buttons == 1 and near(strip.pointer, (400, 320)))
        finally:
            fingers(touched, "touchEnd")
        screen.until(lambda strip: strip.buttons == 0)

    undisturbed(console, drag)


def test_two_fingers_scroll(console: Page, touched: CDPSession, appliance: Appliance) -> None:
    console.keyboard.press("b")
    expect(console.locator(".holder")).to_contain_text("You have control")
    places = [(600, 400), (700, 400)]
    fingers(touched, "touchStart", places[0])
    fingers(touched, "touchStart", *places)
    for step in range(1, 8):
        fingers(touched, "touchMove", *((x, y - 30 * step) for x, y in places))
    fingers(touched, "touchEnd")
    console.keyboard.press("z")
    Screen(console).until(lambda strip: strip.text == "bz")
    said = overheard(appliance)
    assert sum(event["delta"]["y"] for kind, event in said if kind == "mouse_wheel") == -2, (
        "the page follows the fingers"
    )
    assert not [event for kind, event in said if event.get("buttons")], "nothing was clicked"


def test_the_wheel_turns_the_way_of_the_hand(console: Page, appliance: Appliance) -> None:
    console.keyboard.press("b")
    expect(console.locator(".holder")).to_contain_text("You have control")
    console.mouse.move(*on_page(console, 600, 300))
    console.mouse.wheel(0, 200)
    console.mouse.wheel(100, -100)
    console.keyboard.press("a")
    Screen(console).until(lambda strip: strip.text == "ba")
    turns = [event["delta"] for kind, event in overheard(appliance) if kind == "mouse_wheel"]
    assert turns == [{"x": 0, "y": -2}, {"x": 1, "y": 1}]
