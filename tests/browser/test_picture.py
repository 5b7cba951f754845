"""The picture moves, and what does not is never left looking live."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.appliance import Appliance
from tests.browser.conftest import OpenPage
from tests.browser.screen import Screen
from tests.browser.visitor import expect_live, log_in


def test_frames_are_painted_in_order(console: Page) -> None:
    numbers = [strip.frame for strip in Screen(console).frames(40)]
    assert len(numbers) == 40
    assert all(earlier < later for earlier, later in pairwise(numbers)), numbers


def test_a_frozen_picture_is_greyed_and_labelled(console: Page, appliance: Appliance) -> None:
    stage, veil = console.locator(".stage"), console.locator(".veil")
    appliance.freeze()
    expect(veil).to_contain_text("Picture frozen")
    expect(stage).to_have_attribute("data-picture", "frozen")
    assert "grayscale" in console.locator("canvas").evaluate("canvas => getComputedStyle(canvas).filter")
    expect(console.locator(".pill")).not_to_have_text("Live")
    expect(veil).to_contain_text("Connection lost", timeout=10_000)
    expect(console.locator("[data-fact=signal] dd")).to_have_text("not known")
    appliance.thaw()
    expect_live(console)
    assert console.locator("canvas").evaluate("canvas => getComputedStyle(canvas).filter") == "none"


_DELAYED = """
delete HTMLCanvasElement.prototype.transferControlToOffscreen;
const Real = window.WebSocket;
window.WebSocket = class extends Real {
  set onmessage(act) {
    super.onmessage = act && ((event) => {
      const unit = event.data instanceof ArrayBuffer && new Uint8Array(event.data)[1] === 1;
      setTimeout(() => act(event), unit ? 2500 : 0);
    });
  }
};
"""


def test_pictures_that_come_late_are_greyed_and_labelled_however_many_come(open_page: OpenPage) -> None:
    page = open_page()
    page.add_init_script(_DELAYED)
    page.reload()
    log_in(page)
    expect(page.locator(".veil .title")).to_have_text("Picture late", timeout=20_000)
    expect(page.locator(".veil .detail")).to_contain_text("s old")
    expect(page.locator(".stage")).to_have_attribute("data-picture", "frozen")
    expect(page.locator(".pill")).not_to_have_text("Live")


def test_the_page_comes_back_after_the_daemon_was_killed(console: Page, appliance: Appliance) -> None:
    before = Screen(console).frames(1)[0]
    appliance.kill()
    expect(console.locator(".veil")).to_contain_text("Connection lost")
    expect(console.locator(".pill")).to_have_text("Reconnecting")
    appliance.start()
    # Sessions live in the daemon's memory alone.
    expect(console.get_by_role("alert")).to_have_text("The session ended. Log in again.", timeout=15_000)
    log_in(console)
    expect_live(console)
    assert Screen(console).frames(1)[0].frame != before.frame


SIGNALS = {
    "no_power": "Cable out or target off",
    "no_signal": "No signal",
    "no_lock": "Signal not stable",
    "unsupported": "Unsupported mode",
}


def test_a_missing_signal_shows_its_reason_over_the_picture(open_page: OpenPage) -> None:
    """The daemon's own state, but for the signal."""
    page = open_page()
    signal = {"width": 0, "height": 0, "fps": 0, "reason": "because"}
    told: list[Callable[[], None]] = []

    def between(page_side: WebSocketRoute) -> None:
        server_side = page_side.connect_to_server()

        def tell(message: str | bytes) -> None:
            content = json.loads(message)
            if content["event_type"] == "state":
                content["event"]["signal"] = signal
                told.append(lambda: page_side.send(json.dumps(content)))
            page_side.send(json.dumps(content))

        server_side.on_message(tell)

    page.route_web_socket("**/api/ws", between)
    page.reload()
    log_in(page)
    for state, words in SIGNALS.items():
        signal["state"] = state
        expect(page.locator("[data-fact=viewers] dd")).not_to_have_text("not known")
        told[-1]()
        expect(page.locator(".veil .title")).to_have_text(words)
        expect(page.locator(".veil .detail")).to_contain_text("because.")
        expect(page.locator(".stage")).to_have_attribute("data-picture", "frozen")
        expect(page.locator(".pill")).to_have_text("Connected")


def test_nothing_sticks_out_sideways(console: Page) -> None:
    for width, height in ((390, 844), (844, 390), (1024, 768), (3840, 2160)):
        console.set_viewport_size({"width": width, "height": height})
        expect_live(console)
        assert console.evaluate("document.documentElement.scrollWidth") <= width
        box = console.locator("canvas").bounding_box()
        assert box is not None
        assert box["height"] >= 200
        assert box["x"] + box["width"] <= width
