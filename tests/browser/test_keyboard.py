"""Keys arrive at the target, and none stays down there."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.appliance import Appliance
from tests.browser.conftest import OpenPage
from tests.browser.screen import Screen
from tests.browser.visitor import befall, expect_live


def test_typed_words_appear_on_the_target(console: Page) -> None:
    console.locator("canvas").click()
    console.keyboard.press("Shift+h")
    console.keyboard.type("ello, world/42")
    seen = Screen(console).until(lambda strip: strip.typed >= len("Hello, world/42"))
    assert seen.text == "Hello, world/42"


def test_keys_go_to_the_target_without_a_click_first(console: Page) -> None:
    console.keyboard.type("ready")
    assert Screen(console).until(lambda strip: strip.typed >= 5).text == "ready"


def test_a_key_held_down_is_typed_once_by_the_page(console: Page) -> None:
    for _ in range(5):
        console.keyboard.down("a")
    console.keyboard.up("a")
    console.keyboard.press("b")
    assert Screen(console).until(lambda strip: strip.text.endswith("b")).text == "ab"


def test_a_held_key_is_released_when_the_picture_loses_the_focus(console: Page) -> None:
    console.keyboard.down("Shift")
    console.keyboard.press("a")
    Screen(console).until(lambda strip: strip.text == "A")
    console.get_by_role("button", name="Full screen").focus()
    console.keyboard.up("Shift")
    console.locator("canvas").focus()
    console.keyboard.press("b")
    assert Screen(console).until(lambda strip: strip.typed >= 2).text == "Ab"


def test_the_browser_keeps_no_key_for_itself(console: Page) -> None:
    for key in ("Tab", "Escape", "F1", "Backspace", "Control+s", "Alt+ArrowLeft"):
        console.keyboard.press(key)
    console.keyboard.press("x")
    Screen(console).until(lambda strip: strip.text == "x")
    expect(console.locator("canvas")).to_be_focused()


def leave(page: Page) -> None:
    for key in ("Control", "Alt", "Shift"):
        page.keyboard.down(key)
    for key in ("Shift", "Alt", "Control"):
        page.keyboard.up(key)


def test_control_alt_and_shift_leave_the_picture(console: Page) -> None:
    leave(console)
    expect(console.get_by_role("button", name="Ctrl+Alt+Del")).to_be_focused()
    expect(console.locator("[data-fact=keys] dd")).to_have_text("click the picture to type")


def test_who_may_only_watch_can_leave_it_too(console: Page, open_page: OpenPage) -> None:
    url = console.evaluate(
        """async () => {
            const request = {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"label": "guest", "hours": 1}'};
            return (await (await fetch('/api/auth/links', request)).json()).result.url;
        }"""
    )
    guest = open_page()
    guest.goto(url)
    expect_live(guest)
    expect(guest.locator("[data-fact=keys] dd")).to_have_text("not sent, you may only watch")
    guest.locator("canvas").focus()
    leave(guest)
    expect(guest.get_by_role("button", name="Full screen")).to_be_focused()


def test_the_targets_lock_lights_are_shown(console: Page) -> None:
    console.keyboard.press("CapsLock")
    expect(console.locator(".led.lit")).to_have_text("Caps")
    console.keyboard.press("CapsLock")
    expect(console.locator(".led.lit")).to_have_count(0)


def test_full_screen_is_the_picture_alone_and_takes_keys(console: Page) -> None:
    console.evaluate(
        """{
            const api = {lock: async () => { window.locked = true; }, unlock: () => { window.locked = false; }};
            Object.defineProperty(navigator, 'keyboard', {value: api, configurable: true});
        }"""
    )
    console.get_by_role("button", name="Full screen").click()
    expect(console.locator("[data-do=fullscreen]")).to_have_attribute("aria-pressed", "true")
    assert console.evaluate("document.fullscreenElement.className") == "stage"
    console.wait_for_function("() => window.locked === true")
    expect(console.locator("canvas")).to_be_focused()
    console.keyboard.press("x")
    Screen(console).until(lambda strip: strip.text == "x")
    console.evaluate("document.exitFullscreen()")
    console.wait_for_function("() => window.locked === false")


def test_keys_that_were_lost_are_told(console: Page, appliance: Appliance) -> None:
    befall(appliance, "host suspend")
    expect(console.locator("[data-fact=usb] dd")).to_have_text("target asleep")
    expect(console.locator("[data-fact=keys] dd")).to_have_text("not sent, the target is asleep")
    console.keyboard.press("a")
    expect(console.get_by_role("alert")).to_contain_text("did not reach the target: the target is asleep")
    befall(appliance, "host plug")
    expect(console.locator("[data-fact=usb] dd")).to_have_text("keyboard ready")
    console.keyboard.press("b")
    assert Screen(console).until(lambda strip: strip.typed >= 1).text == "b"


def test_keys_and_pointer_work_without_a_picture(console: Page, appliance: Appliance) -> None:
    befall(appliance, "cable out")
    expect(console.locator(".veil .title")).to_have_text("Cable out or target off")
    console.keyboard.type("blind")
    console.locator("canvas").click(position={"x": 300, "y": 200})
    expect(console.locator(".holder")).to_contain_text("You have control")
    expect(console.locator("[data-fact=keys] dd")).to_have_text("go to the target")
    console.keyboard.press("CapsLock")
    expect(console.locator(".led.lit")).to_have_text("Caps")
