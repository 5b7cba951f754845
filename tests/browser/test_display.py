"""The display that the target sees, chosen on the page."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from app.video.presets import preset
from tests.browser.visitor import expect_live

OWN = preset("1080p30", "somebody else's").build()


def test_a_preset_a_file_and_what_is_wrong_with_one(console: Page) -> None:
    console.get_by_role("button", name="Settings", exact=True).click()
    dialog = console.get_by_role("dialog", name="Settings")
    dialog.get_by_role("button", name="Display", exact=True).click()
    expect(dialog.get_by_text("720 at 60 Hz: whatever moves.")).to_be_visible()

    dialog.get_by_label("Offer").select_option("1080p50")
    dialog.get_by_role("button", name="Change", exact=True).click()
    expect(dialog.get_by_text("1080 at 50 Hz: more room at a good rate.")).to_be_visible()
    expect(dialog.get_by_text("It offers 1920x1080 at 50 Hz")).to_be_visible()

    for name, content in (("edid.bin", OWN), ("edid.hex", OWN.hex(" ").encode())):
        dialog.get_by_label("File").set_input_files({"name": name, "mimeType": "", "buffer": content})
        dialog.get_by_role("button", name="Use it", exact=True).click()
        expect(dialog.get_by_text("Now: an EDID of your own.")).to_be_visible()
        dialog.get_by_label("File").set_input_files({"name": name, "mimeType": "", "buffer": OWN[:-1] + b"\0"})
        dialog.get_by_role("button", name="Use it", exact=True).click()
        expect(dialog.get_by_text("block 1: its checksum is 0x00")).to_be_visible()
        dialog.get_by_label("Offer").select_option("720p60")
        dialog.get_by_role("button", name="Change", exact=True).click()
        expect(dialog.get_by_text("720 at 60 Hz: whatever moves.")).to_be_visible()

    dialog.get_by_role("button", name="Close", exact=True).click()
    expect_live(console)
