"""One person types; everybody knows who."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.screen import Screen


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
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda payload: sent.append(str(payload))))
    page.reload()
    expect(page.locator(".pill")).to_have_text("Live")
    page.get_by_role("button", name="Ctrl+Alt+Del").click()
    page.get_by_role("button", name="Release keys").click()
    page.locator("canvas").click()
    page.keyboard.press("z")
    Screen(page).until(lambda strip: strip.text == "z")
    keys = [frame for frame in sent if '"key"' in frame or '"release"' in frame]
    pressed = [(code, state) for frame in keys for code in ("ControlLeft", "AltLeft", "Delete") for state in ("true", "false")
               if code in frame and state in frame]  # fmt: skip
    assert pressed == [
        ("ControlLeft", "true"), ("AltLeft", "true"), ("Delete", "true"),
        ("Delete", "false"), ("AltLeft", "false"), ("ControlLeft", "false"),
    ]  # fmt: skip
    assert any('"release"' in frame for frame in keys)
