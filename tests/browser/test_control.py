"""One person types; everybody knows who."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.screen import Screen
from tests.browser.visitor import overhear


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


def test_the_toolbar_presses_and_releases(open_console: OpenPage) -> None:
    page = open_console()
    sent = overhear(page)
    page.get_by_role("button", name="Ctrl+Alt+Del").click()
    page.get_by_role("button", name="Release keys").click()
    page.locator("canvas").click()
    page.keyboard.press("z")
    Screen(page).until(lambda strip: strip.text == "z")
    edges = [(event["key"], event["state"]) for kind, event in sent if kind == "key" and event["key"] != "KeyZ"]
    assert edges == [
        ("ControlLeft", True), ("AltLeft", True), ("Delete", True),
        ("Delete", False), ("AltLeft", False), ("ControlLeft", False),
    ]  # fmt: skip
    assert [kind for kind, _ in sent if kind in ("key", "release")].index("release") >= len(edges)
