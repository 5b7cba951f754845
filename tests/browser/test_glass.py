"""The panel in the browser: the very picture, its age, and the certificate on demand."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from epaper import panel
from epaper.ledger import Ledger
from epaper.mirror import Mirror
from epaper.own import Own
from epaper.trouble import stopped
from tests.appliance import Appliance

STRIPES = b"\xaa" * panel.FRAME_BYTES
FIRST_PIXELS = """image => {
  const canvas = document.createElement('canvas'); canvas.width = 250; canvas.height = 122;
  const context = canvas.getContext('2d'); context.drawImage(image, 0, 0, 250, 122);
  return [0, 1, 2, 3].map((y) => context.getImageData(0, y, 1, 1).data[0]);
}"""


def test_the_panel_is_shown_as_it_is_and_asked_for_the_certificate(console: Page, appliance: Appliance) -> None:
    dialog = console.get_by_role("dialog", name="The device's panel")
    console.get_by_role("button", name="Show", exact=True).click()
    expect(dialog.locator(".age")).to_have_text(
        "nobody knows what the panel shows: it is absent, or its service does not run"
    )
    expect(dialog.locator("img")).to_be_hidden()
    dialog.get_by_role("button", name="Close").click()

    ledger = Ledger(appliance.panel / "counts.json", "a", print)
    Mirror(appliance.panel, print, lambda: 61.5).show(STRIPES, stopped(Own("kvm")), "", ledger)
    console.get_by_role("button", name="Show", exact=True).click()
    expect(dialog.locator("img")).to_be_visible()
    expect(dialog.locator(".age")).to_contain_text("Drawn ")
    assert dialog.locator("img").evaluate("image => image.decode()") is None
    assert dialog.locator("img").evaluate(FIRST_PIXELS) == [255, 0, 255, 0]

    dialog.get_by_role("button", name="Show the certificate on it").click()
    expect(dialog.locator(".age")).to_contain_text("Compare it there, not here.")
    state = console.evaluate("fetch('/api/info').then((answer) => answer.json())")["result"]["state"]
    assert state["panel"] == {"show": "fingerprint"}
