"""The picture moves, and what does not is never left looking live."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.appliance import Appliance
from tests.browser.conftest import OpenPage, expect_live, log_in
from tests.browser.screen import Screen


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


@pytest.mark.parametrize("state", SIGNALS)
def test_a_missing_signal_shows_its_reason_over_the_picture(open_page: OpenPage, state: str) -> None:
    """The daemon's own state, but for the signal."""

    def rewrite(message: str | bytes) -> str | bytes:
        content = json.loads(message)
        if content["event_type"] == "state":
            content["event"]["signal"] = {"state": state, "width": 0, "height": 0, "fps": 0, "reason": "because"}
        return json.dumps(content)

    def between(page_side: WebSocketRoute) -> None:
        server_side = page_side.connect_to_server()
        server_side.on_message(lambda message: page_side.send(rewrite(message)))

    page = open_page()
    page.route_web_socket("**/api/ws", between)
    page.reload()
    log_in(page)
    expect(page.locator(".veil h2")).to_have_text(SIGNALS[state])
    expect(page.locator(".veil p")).to_contain_text("because.")
    expect(page.locator(".stage")).to_have_attribute("data-picture", "frozen")
    expect(page.locator(".pill")).to_have_text("Connected")


def test_without_webcodecs_the_page_says_so(open_page: OpenPage) -> None:
    page = open_page()
    page.add_init_script("delete window.VideoDecoder")
    page.reload()
    log_in(page)
    expect(page.locator(".veil h2")).to_have_text("This browser cannot show the picture")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (844, 390), (1280, 800), (3840, 2160)])
def test_nothing_sticks_out_sideways(open_console: OpenPage, width: int, height: int) -> None:
    page = open_console(width, height)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator("canvas").bounding_box()
    assert box is not None
    assert box["height"] >= 200
