"""The picture moves, and what does not is never left looking live."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.appliance import Appliance
from tests.browser.conftest import OpenPage
from tests.browser.screen import Screen
from tests.browser.visitor import befall, expect_live, log_in, remember_veils


def test_frames_are_painted_in_order(console: Page) -> None:
    numbers = [strip.frame for strip in Screen(console).frames(40)]
    assert len(numbers) == 40
    assert all(earlier < later for earlier, later in pairwise(numbers)), numbers


_LISTEN = """
delete HTMLCanvasElement.prototype.transferControlToOffscreen;
window.acknowledged = [];
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  const view = new DataView(data);
  if (view.getUint8(1) === 1) acknowledged.push(view.getUint32(4));
  send.call(this, data);
};
"""


def test_each_picture_is_acknowledged_once(open_page: OpenPage) -> None:
    """Where a canvas cannot move to a worker, so that the page hears what is said of the pictures."""
    page = open_page()
    page.add_init_script(_LISTEN)
    page.reload()
    log_in(page)
    expect_live(page)
    seen = [strip.frame for strip in Screen(page).frames(40)]
    acknowledged = page.evaluate("acknowledged")
    assert all(earlier < later for earlier, later in pairwise(acknowledged)), acknowledged
    assert set(seen) <= set(acknowledged)


def test_a_frozen_picture_is_greyed_and_labelled(console: Page, appliance: Appliance) -> None:
    stage, veil = console.locator(".stage"), console.locator(".veil")
    remember_veils(console)
    appliance.freeze()
    console.wait_for_function("() => veils.some((text) => text.includes('Picture frozen'))")
    expect(stage).to_have_attribute("data-picture", "frozen")
    assert "grayscale" in console.locator("canvas").evaluate("canvas => getComputedStyle(canvas).filter")
    expect(console.locator(".pill")).not_to_have_text("Live")
    expect(veil).to_contain_text("Connection lost", timeout=10_000)
    expect(console.locator("[data-fact=signal] dd")).to_have_text("not known")
    appliance.thaw()
    expect_live(console)
    assert console.locator("canvas").evaluate("canvas => getComputedStyle(canvas).filter") == "none"


_DELAY = """
delete HTMLCanvasElement.prototype.transferControlToOffscreen;
const Real = window.WebSocket;
window.WebSocket = class extends Real {
  set onmessage(act) {
    super.onmessage = act && ((event) => {
      const unit = event.data instanceof ArrayBuffer && new Uint8Array(event.data)[1] === 1;
      setTimeout(() => this.readyState === Real.OPEN && act(event), unit ? MILLISECONDS : 0);
    });
  }
};
"""


@pytest.mark.parametrize("milliseconds", [2500, 7000])
def test_pictures_that_come_late_are_greyed_and_labelled_however_many_come(
    open_page: OpenPage, milliseconds: int
) -> None:
    """The longer delay is longer than the page's first patience with a connection that brings nothing."""
    page = open_page()
    page.add_init_script(_DELAY.replace("MILLISECONDS", str(milliseconds)))
    page.reload()
    log_in(page)
    expect(page.locator(".veil .title")).to_have_text("Picture late", timeout=20_000)
    expect(page.locator(".veil .detail")).to_contain_text("s old")
    expect(page.locator(".stage")).to_have_attribute("data-picture", "frozen")
    expect(page.locator(".pill")).not_to_have_text("Live")


def test_the_page_comes_back_after_the_daemon_was_killed(console: Page, appliance: Appliance) -> None:
    appliance.kill()
    expect(console.locator(".veil")).to_contain_text("Connection lost")
    expect(console.locator(".pill")).to_have_text("Reconnecting")
    appliance.start()
    # Sessions live in the daemon's memory alone.
    expect(console.get_by_role("alert")).to_have_text("The session ended. Log in again.", timeout=15_000)
    log_in(console)
    expect_live(console)
    first, second = Screen(console).frames(2)
    assert first.frame < second.frame


SIGNALS = {
    "no_power": "Cable out or target off",
    "no_signal": "No signal",
    "no_lock": "Signal not stable",
    "unsupported": "Unsupported mode",
}


def test_a_missing_signal_shows_its_reason_over_the_picture(console: Page, appliance: Appliance) -> None:
    for state, words in SIGNALS.items():
        befall(appliance, f"signal {state}")
        expect(console.locator(".veil .title")).to_have_text(words)
        expect(console.locator(".veil .detail")).to_contain_text("because.")
        expect(console.locator(".stage")).to_have_attribute("data-picture", "frozen")
        expect(console.locator(".pill")).to_have_text("Connected")


def test_nothing_sticks_out_sideways(console: Page) -> None:
    for width, height in ((390, 844), (844, 390), (1024, 768), (3840, 2160)):
        console.set_viewport_size({"width": width, "height": height})
        expect_live(console)
        assert console.evaluate("document.documentElement.scrollWidth") <= width
        box = console.locator("canvas").bounding_box()
        assert box is not None
        assert box["height"] >= 200
        assert box["x"] + box["width"] <= width
