"""The panel of keys: shortcuts, phones, and the mouse that moves by itself."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route, expect

from tests.appliance import Appliance
from tests.browser.conftest import OpenPage
from tests.browser.screen import Screen
from tests.browser.visitor import expect_live, log_in, overheard

_PATIENCE = 10.0
"""Seconds."""


def held(appliance: Appliance, steps: int) -> list[list[str]]:
    """The keys that pages have held, step by step, once there were so many steps."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        found = [event["keys"] for kind, event in overheard(appliance) if kind == "hold"]
        if len(found) >= steps or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def test_a_shortcut_is_pressed_named_kept_and_forgotten(open_console: OpenPage, appliance: Appliance) -> None:
    page = open_console()
    page.get_by_role("button", name="Keys", exact=True).click()
    page.get_by_label("Name of a new shortcut").fill("Lock")
    page.get_by_label("Keys of a new shortcut").focus()
    for key in ("Control", "Shift", "l"):
        page.keyboard.down(key)
    for key in ("l", "Shift", "Control"):
        page.keyboard.up(key)
    expect(page.get_by_label("Keys of a new shortcut")).to_have_value("ControlLeft + ShiftLeft + KeyL")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_role("button", name="Lock", exact=True).click()
    assert held(appliance, 3) == [["ControlLeft"], ["ControlLeft", "ShiftLeft"], ["ControlLeft", "ShiftLeft", "KeyL"]]

    other = open_console()
    other.get_by_role("button", name="Keys", exact=True).click()
    other.get_by_role("button", name="Forget Lock").click()
    expect(other.get_by_role("button", name="Lock", exact=True)).to_be_hidden()


def test_tab_leaves_the_field_that_records_and_keeps_what_it_has(console: Page) -> None:
    console.get_by_role("button", name="Keys", exact=True).click()
    name, field = console.get_by_label("Name of a new shortcut"), console.get_by_label("Keys of a new shortcut")
    name.focus()
    console.keyboard.press("Tab")
    expect(field).to_be_focused()
    console.keyboard.press("Alt+Tab")
    expect(field).to_be_focused()
    expect(field).to_have_value("AltLeft + Tab")
    console.keyboard.press("Shift+Tab")
    expect(name).to_be_focused()
    console.keyboard.press("Tab")
    console.keyboard.press("Tab")
    expect(console.get_by_role("button", name="Keep", exact=True)).to_be_focused()
    expect(field).to_have_value("AltLeft + Tab")


def test_tab_leaves_it_after_a_key_whose_release_macos_keeps_for_itself(open_page: OpenPage) -> None:
    page = open_page()
    page.add_init_script("Object.defineProperty(navigator, 'userAgentData', {value: {platform: 'macOS'}})")
    page.reload()
    log_in(page)
    expect_live(page)
    page.get_by_role("button", name="Keys", exact=True).click()
    field = page.get_by_label("Keys of a new shortcut")
    field.focus()
    for kind, code in (("keydown", "MetaLeft"), ("keydown", "KeyL"), ("keyup", "MetaLeft")):
        field.dispatch_event(kind, {"code": code})
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Keep", exact=True)).to_be_focused()
    expect(field).to_have_value("MetaLeft + KeyL")


def test_windows_print_screen_of_which_only_the_release_is_told_is_tapped_and_recorded(
    open_page: OpenPage, appliance: Appliance
) -> None:
    page = open_page()
    page.add_init_script("Object.defineProperty(navigator, 'userAgentData', {value: {platform: 'Windows'}})")
    page.reload()
    log_in(page)
    expect_live(page)
    page.locator("canvas").focus()
    page.keyboard.down("Alt")
    page.locator("canvas").dispatch_event("keyup", {"code": "PrintScreen"})
    page.keyboard.up("Alt")
    page.get_by_role("button", name="Keys", exact=True).click()
    assert held(appliance, 2) == [["AltLeft"], ["AltLeft", "PrintScreen"]]

    field = page.get_by_label("Keys of a new shortcut")
    field.focus()
    page.keyboard.down("Alt")
    field.dispatch_event("keyup", {"code": "PrintScreen"})
    page.keyboard.up("Alt")
    expect(field).to_have_value("AltLeft + PrintScreen")


def test_a_phone_that_names_no_keys_can_type(console: Page) -> None:
    console.get_by_role("button", name="Keys", exact=True).click()
    field = console.get_by_label("Type here")
    field.focus()
    for text in ("H", "i", " w"):
        console.keyboard.insert_text(text)
    screen = Screen(console)
    screen.until(lambda strip: strip.text == "Hi w")
    console.keyboard.press("Backspace")
    console.keyboard.insert_text("x")
    screen.until(lambda strip: strip.text.endswith("x") and strip.typed == 5)


def test_the_enter_that_ends_a_composition_is_the_input_methods(console: Page) -> None:
    console.get_by_role("button", name="Keys", exact=True).click()
    console.get_by_label("Type here").focus()
    asked: list[str | None] = []
    console.on("request", lambda request: asked.append(request.post_data))
    method = console.context.new_cdp_session(console)
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
    method.send("Input.imeSetComposition", {"text": "y", "selectionStart": 1, "selectionEnd": 1})
    method.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    method.send("Input.insertText", {"text": "y"})
    method.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    Screen(console).until(lambda strip: strip.text == "y")
    with console.expect_request("**/api/hid/print"):
        console.keyboard.press("Enter")
    assert asked == ["y", "\n"]


def test_what_a_phone_erases_is_erased_in_its_turn(console: Page, appliance: Appliance) -> None:
    """Over a link that is slow, where a key on the control socket would be there before the texts."""
    asked: list[tuple[str, str | None]] = []

    def slowly(route: Route) -> None:
        asked.append((urlsplit(route.request.url).path.rpartition("/")[2], route.request.post_data))
        time.sleep(0.1)
        route.continue_()

    console.route("**/api/hid/*", slowly)
    console.route("**/api/hid/events/*", slowly)
    console.get_by_role("button", name="Keys", exact=True).click()
    console.get_by_label("Type here").focus()
    asked.clear()
    console.keyboard.insert_text("ab")
    console.keyboard.press("Backspace")
    console.keyboard.insert_text("c")
    Screen(console).until(lambda strip: strip.typed == 3)
    assert [entry for entry in asked if entry[0] != "shortcuts"] == [
        ("print", "ab"), ("send_key", None), ("print", "c")
    ]  # fmt: skip
    assert not [event for _kind, event in overheard(appliance) if event.get("keys")]


def test_the_mouse_moves_by_itself_only_when_it_is_told_to(console: Page) -> None:
    console.get_by_role("button", name="Keys", exact=True).click()
    awake = console.get_by_label("Keep the target awake")
    expect(awake).not_to_be_checked()
    awake.check()
    console.reload()
    expect_live(console)
    console.get_by_role("button", name="Keys", exact=True).click()
    expect(awake).to_be_checked()
    awake.uncheck()
    expect(awake).not_to_be_checked()


def test_one_panel_at_the_side_is_open_at_most(console: Page) -> None:
    keys, figures = console.locator("aside.keys"), console.locator("aside.figures")
    for name, shown, away in (("Keys", keys, figures), ("Video", figures, keys), ("Keys", keys, figures)):
        button = console.get_by_role("button", name=name, exact=True)
        button.click()
        expect(shown).to_be_visible()
        expect(away).to_be_hidden()
        expect(button).to_have_attribute("aria-expanded", "true")
        expect(console.locator(".tools [aria-expanded=true]")).to_have_count(1)
    console.get_by_role("button", name="Keys", exact=True).click()
    expect(keys).to_be_hidden()
    expect(console.locator(".tools [aria-expanded=true]")).to_have_count(0)
