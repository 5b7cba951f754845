"""What the target sees on USB, changed on the page."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_a_drive_and_a_serial_line_are_added_and_what_does_not_fit_says_why(console: Page) -> None:
    console.get_by_role("button", name="Settings", exact=True).click()
    dialog = console.get_by_role("dialog", name="Settings")
    dialog.get_by_role("button", name="USB", exact=True).click()
    expect(dialog.get_by_text("Now: keyboard and mice.")).to_be_visible()
    expect(dialog.get_by_text("login page and its name to whatever runs on the target")).to_be_visible()
    expect(dialog.get_by_text("opens this page at https://10.213.47.1/")).to_be_visible()
    choice = dialog.get_by_label("Offer")
    impossible = choice.locator("option:disabled")
    assert [words.rpartition("=")[2] for words in impossible.all_inner_texts()] == [
        " 8 IN endpoints, the USB controller has 7)",
        " 9 IN endpoints, the USB controller has 7)",
    ]
    for label, value in (("keyboard and mice + drive + serial line", "storage serial"), ("keyboard and mice", "")):
        choice.select_option(value)
        dialog.get_by_role("button", name="Change", exact=True).click()
        expect(dialog.get_by_text(f"Now: {label}.")).to_be_visible()
        expect(choice).to_have_value(value)
