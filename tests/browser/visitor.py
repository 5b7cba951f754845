"""What somebody who opens the page does first, and sees then."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, WebSocket, expect

from tests.appliance import PASSWORD, USER


def log_in(page: Page) -> None:
    """Fill in the form and send it."""
    page.get_by_label("User name").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def expect_live(page: Page) -> None:
    """The page says that the picture is live, and has no words over it."""
    expect(page.locator(".pill")).to_have_text("Live", timeout=20_000)
    expect(page.locator(".veil")).to_be_hidden()


def overhear(page: Page) -> list[tuple[str, dict[str, Any]]]:
    """Load the page again, and note the type and the content of everything it says to the device from then on, pings aside."""
    said: list[tuple[str, dict[str, Any]]] = []

    def note(payload: str | bytes) -> None:
        message = json.loads(payload)
        if message["event_type"] != "ping":
            said.append((message["event_type"], message["event"]))

    def listen(socket: WebSocket) -> None:
        if socket.url.endswith("/api/ws"):
            socket.on("framesent", note)

    page.on("websocket", listen)
    page.reload()
    expect_live(page)
    return said
