"""One person types; everybody knows who."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.appliance import Appliance
from tests.browser.conftest import OpenPage
from tests.browser.screen import Screen
from tests.browser.visitor import overheard, undisturbed


def test_control_is_taken_over_with_notice_and_taken_back(open_console: OpenPage) -> None:
    first, second = open_console(), open_console()
    first.keyboard.type("a")
    expect(first.locator(".holder")).to_contain_text("You have control")
    expect(second.locator(".holder")).to_contain_text("admin (client 1) has control")
    expect(second.locator("[data-fact=viewers] dd")).to_have_text("2")

    second.keyboard.press("b")
    expect(second.get_by_role("alert")).to_contain_text("Not sent: admin (client 1) has control")
    second.locator(".notice").get_by_role("button", name="Take control").click()
    expect(first.get_by_role("alert")).to_contain_text("admin (client 2) took control")
    expect(first.locator("[data-fact=keys] dd")).to_contain_text("not sent")

    second.keyboard.press("c")
    assert Screen(second).until(lambda strip: strip.typed >= 2).text == "ac"
    second.get_by_role("button", name="Give control back").click()
    expect(first.locator(".holder")).to_contain_text("Nobody has control")


def test_looking_does_not_take_control(open_console: OpenPage) -> None:
    page = open_console()
    page.get_by_role("button", name="Full screen").focus()
    page.mouse.move(300, 300)
    page.mouse.move(600, 400, steps=5)
    Screen(page).frames(5)
    expect(page.locator(".holder")).to_contain_text("Nobody has control")


def test_the_toolbar_presses_and_releases(console: Page, appliance: Appliance) -> None:
    console.get_by_role("button", name="Ctrl+Alt+Del").click()
    console.get_by_role("button", name="Release keys").click()
    console.locator("canvas").click()
    console.keyboard.press("z")
    Screen(console).until(lambda strip: strip.text == "z")
    said = overheard(appliance)
    assert [(kind, event.get("keys")) for kind, event in said[:7]] == [
        ("hold", ["ControlLeft"]), ("hold", ["ControlLeft", "AltLeft"]), ("hold", ["ControlLeft", "AltLeft", "Delete"]),
        ("keep", ["ControlLeft", "AltLeft"]), ("keep", ["ControlLeft"]), ("keep", []), ("release", None),
    ]  # fmt: skip


def test_control_is_asked_for_and_given(open_console: OpenPage) -> None:
    first, second = open_console(), open_console()
    first.keyboard.type("a")
    expect(first.locator(".holder")).to_contain_text("You have control")
    expect(first.get_by_role("button", name="Ask for it")).to_be_hidden()
    second.get_by_role("button", name="Ask for it").click()
    expect(first.get_by_role("alert")).to_contain_text("admin (client 2) asks for control")
    first.locator(".notice").get_by_role("button", name="Give control").click()
    expect(second.locator(".holder")).to_contain_text("You have control")
    expect(first.locator(".holder")).to_contain_text("admin (client 2) has control")


def test_a_page_that_is_stuck_holds_nothing_down(console: Page, appliance: Appliance) -> None:
    screen = Screen(console)
    console.mouse.move(600, 300)

    def press() -> None:
        console.mouse.down()
        screen.until(lambda strip: strip.buttons == 1)

    undisturbed(console, press)
    console.evaluate("{ const end = performance.now() + 1500; while (performance.now() < end); }")
    screen.until(lambda strip: strip.buttons == 0)
    expect(console.locator("[data-fact=lapses] dd")).to_have_text(re.compile(r"^\d+, the link stalled$"))
    console.mouse.move(610, 310)
    screen.frames(10)
    assert screen.until(lambda strip: True).buttons == 0, "movement presses nothing again"

    def press_a_key() -> None:
        console.keyboard.down("Shift")
        screen.until(lambda strip: strip.buttons == 1)

    undisturbed(console, press_a_key)
    console.mouse.up()
    screen.until(lambda strip: strip.buttons == 0)


def test_what_is_typed_into_a_page_that_is_stuck_is_not_typed_when_it_goes_on(console: Page) -> None:
    console.keyboard.press("a")
    screen = Screen(console)
    screen.until(lambda strip: strip.text == "a")
    console.evaluate("setTimeout(() => { const end = performance.now() + 3000; while (performance.now() < end); }, 0)")
    console.keyboard.press("b")
    expect(console.get_by_role("alert")).to_contain_text("it was held up on its way for too long")
    console.keyboard.press("c")
    assert screen.until(lambda strip: strip.text.endswith("c")).text == "ac"


def test_what_is_held_stays_down(console: Page) -> None:
    screen = Screen(console)
    console.mouse.move(600, 300)

    def hold() -> None:
        console.mouse.down()
        screen.until(lambda strip: strip.buttons == 1)
        assert all(strip.buttons == 1 for strip in screen.frames(60)), "two seconds"

    undisturbed(console, hold)
    console.mouse.up()
    screen.until(lambda strip: strip.buttons == 0)
