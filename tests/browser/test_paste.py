"""A text goes into the dialog and comes out on the target."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.screen import Screen
from tests.browser.visitor import expect_live, hold_back

LONG = "the quick brown fox jumps over the lazy dog " * 20


def opened(page: Page) -> Locator:
    """The dialog, once it knows what the layout can type."""
    with page.expect_response("**/api/hid/keymaps/*"):
        page.get_by_role("button", name="Paste", exact=True).click()
    return page.get_by_role("dialog", name="Paste as keys")


def test_a_text_is_typed_on_the_target(console: Page) -> None:
    dialog = opened(console)
    expect(dialog.get_by_label("Layout of the target's keyboard")).to_have_value("us")
    expect(dialog.get_by_role("button", name="Paste", exact=True)).to_be_disabled()
    dialog.get_by_label("Text", exact=True).fill("Tr0ub4dor&3")
    dialog.get_by_role("button", name="Paste", exact=True).click()
    assert Screen(console).until(lambda strip: strip.typed >= 11).text == "Tr0ub4dor&3"
    expect(dialog).to_be_hidden()
    expect(console.locator("canvas")).to_be_focused()
    console.keyboard.type("x")
    assert Screen(console).until(lambda strip: strip.typed >= 12).text == "Tr0ub4dor&3x"
    dialog = opened(console)
    assert dialog.get_by_label("Text", exact=True).input_value() == "", "it is not kept"


def test_it_says_when_it_does_not_know_whether_caps_lock_is_on(console: Page) -> None:
    words = opened(console).get_by_text("taken for off")
    expect(words).to_be_visible()
    console.get_by_role("button", name="Close").click()
    console.keyboard.press("CapsLock")
    expect(console.locator(".led.lit")).to_have_text("Caps")
    dialog = opened(console)
    expect(dialog).to_be_visible()
    expect(words).to_be_hidden()
    dialog.get_by_label("Text", exact=True).fill("Ab")
    dialog.get_by_role("button", name="Paste", exact=True).click()
    assert Screen(console).until(lambda strip: strip.typed >= 2).text == "Ab"


def test_the_next_key_after_its_end_goes_to_the_target(console: Page) -> None:
    opened(console)
    close = console.get_by_role("button", name="Close")
    assert close.evaluate("button => { button.click(); return document.activeElement.tagName; }") == "CANVAS"


def test_what_cannot_be_typed_is_shown_first(console: Page) -> None:
    dialog = opened(console)
    send = dialog.get_by_role("button", name="Paste", exact=True)
    dialog.get_by_label("Text", exact=True).fill("naïve ☃ï")
    expect(dialog.get_by_role("status").first).to_have_text("This layout has no keys for ï (2 times)  ☃")
    expect(send).to_be_disabled()
    dialog.get_by_label("Leave them out").check()
    send.click()
    assert Screen(console).until(lambda strip: strip.typed >= 5).text == "nave "


def test_the_layout_is_chosen_and_remembered(console: Page) -> None:
    dialog = opened(console)
    with console.expect_response("**/api/hid/keymaps/*"):
        dialog.get_by_label("Layout of the target's keyboard").select_option("de")
    dialog.get_by_label("Text", exact=True).fill("zy")
    dialog.get_by_role("button", name="Paste", exact=True).click()
    assert Screen(console).until(lambda strip: strip.typed >= 2).text == "yz", "the target is set to another layout"
    console.reload()
    expect_live(console)
    expect(opened(console).get_by_label("Layout of the target's keyboard")).to_have_value("de")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "The device does not answer."),
        ((502, "<h1>Bad Gateway</h1>"), "The device answered (HTTP 502), but not in a way this page understands."),
    ],
    ids=["nobody", "a proxy"],
)
def test_layouts_that_did_not_come_are_asked_for_again(
    console: Page, answer: tuple[int, str] | None, words: str
) -> None:
    def answered(route: Route) -> None:
        if answer is None:
            route.abort()
        else:
            route.fulfill(status=answer[0], body=answer[1])

    console.route("**/api/hid/keymaps", answered, times=1)
    console.get_by_role("button", name="Paste", exact=True).click()
    dialog = console.get_by_role("dialog", name="Paste as keys")
    expect(dialog.locator(".words")).to_contain_text(words)
    dialog.get_by_role("button", name="Close").click()
    opened(console)
    expect(dialog.get_by_label("Layout of the target's keyboard")).to_have_value("us")
    expect(dialog.locator(".words")).to_have_text("")
    dialog.get_by_label("Text", exact=True).fill("x")
    expect(dialog.get_by_role("button", name="Paste", exact=True)).to_be_enabled()


def test_it_goes_on_without_the_dialog_and_can_be_stopped(console: Page) -> None:
    dialog = opened(console)
    dialog.get_by_label("Text", exact=True).fill(LONG)
    dialog.get_by_label("Slowly, for firmware that loses keys").check()
    dialog.get_by_role("button", name="Paste", exact=True).click()
    expect(dialog.get_by_role("progressbar")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(console.locator("[data-fact=keys] dd")).to_contain_text("characters pasted")
    console.keyboard.press("x")
    expect(console.get_by_role("alert").first).to_contain_text("a text is being pasted; wait for its end, or stop it")
    dialog = opened(console)
    dialog.get_by_role("button", name="Stop").click()
    expect(dialog.locator(".words")).to_contain_text(f"of {len(LONG)} characters: stopped by admin")
    expect(dialog.get_by_role("progressbar")).to_be_hidden()
    assert dialog.get_by_label("Text", exact=True).input_value() == LONG


def test_the_next_text_is_not_lost_to_the_end_of_the_one_before(console: Page) -> None:
    held = hold_back(console, "**/api/hid/print?*")
    dialog = opened(console)
    text, send = dialog.get_by_label("Text", exact=True), dialog.get_by_role("button", name="Paste", exact=True)
    text.fill("first")
    with console.expect_request("**/api/hid/print?*"):
        send.click()
    dialog.get_by_role("button", name="Close").click()
    opened(console)
    text.fill("next")
    held.pop().continue_()
    assert Screen(console).until(lambda strip: strip.typed >= 5).text == "first"
    expect(send).to_be_enabled()
    expect(dialog).to_be_visible()
    expect(text).to_have_value("next")


def test_it_can_come_from_the_clipboard_unseen(console: Page) -> None:
    console.context.grant_permissions(["clipboard-read", "clipboard-write"])
    dialog = opened(console)
    dialog.get_by_label("Hide the text").check()
    console.evaluate("navigator.clipboard.writeText('from elsewhere')")
    dialog.get_by_role("button", name="From clipboard").click()
    text = dialog.get_by_label("Text", exact=True)
    expect(text).to_have_value("from elsewhere")
    assert text.evaluate("field => getComputedStyle(field).webkitTextSecurity") == "disc"
    dialog.get_by_role("button", name="Paste", exact=True).click()
    Screen(console).until(lambda strip: strip.text == "from elsewhere")


def test_control_is_taken_only_when_that_is_said(open_console: OpenPage) -> None:
    first, second = open_console(), open_console()
    first.keyboard.type("a")
    expect(second.locator(".holder")).to_contain_text("has control")
    dialog = opened(second)
    dialog.get_by_label("Text", exact=True).fill("b")
    dialog.get_by_role("button", name="Take control and paste").click()
    assert Screen(second).until(lambda strip: strip.typed >= 2).text == "ab"
    expect(first.get_by_role("alert").first).to_contain_text("took control")
