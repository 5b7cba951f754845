"""What somebody who opens the page does first, and sees then."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

from playwright.sync_api import Page, Route, expect

from tests.appliance import PASSWORD, USER, Appliance

STALLS = 5
BUTTONS: tuple[Literal["left", "right", "middle"], ...] = ("left", "right", "middle")


def log_in(page: Page) -> None:
    """Fill in the form and send it."""
    page.get_by_label("User name").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def expect_live(page: Page) -> None:
    """The page says that the picture is live, and has no words over it."""
    expect(page.locator(".pill")).to_have_text("Live", timeout=20_000)
    expect(page.locator(".veil")).to_be_hidden()


def undisturbed(page: Page, act: Callable[[], None]) -> None:
    """Do it, and once more when the link stalled meanwhile: then what is held goes up, and rightly so, as on any busy machine."""
    for _ in range(STALLS):
        before = _lapses(page)
        try:
            act()
        except AssertionError:
            if _lapses(page) == before:
                raise
        else:
            if _lapses(page) == before:
                return
        for button in BUTTONS:
            page.mouse.up(button=button)
    raise AssertionError(f"the link stalled {STALLS} times")


def _lapses(page: Page) -> str:
    """What the page says of them; nothing while there were none."""
    return page.locator("[data-fact=lapses] dd").text_content() or ""


def hide(page: Page, *, hidden: bool) -> None:
    """Playwright's pages always count as visible: say otherwise, as the browser would."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, 'hidden', {get: () => hidden, configurable: true});
            document.dispatchEvent(new Event('visibilitychange'));
        }""",
        hidden,
    )


def remember_veils(page: Page) -> None:
    """Keep all words that come over the picture in the page's `veils`: a moment can be over between two looks from outside."""
    page.evaluate(
        """() => {
            window.veils = [];
            const veil = document.querySelector('.veil');
            const look = () => veils.push(veil.hidden ? '' : veil.textContent);
            new MutationObserver(look).observe(veil, { attributes: true, childList: true, characterData: true, subtree: true });
        }"""
    )


def hold_back(page: Page, url: str) -> list[Route]:
    """The next request there, once the page has made it, waits for the test to answer it or let it go."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(url, hold, times=1)
    return held


def overheard(appliance: Appliance) -> list[tuple[str, dict[str, Any]]]:
    """The type and the content of everything that pages have said to the device, pings and repeated signs of life aside."""
    said: list[tuple[str, dict[str, Any]]] = []
    for line in (appliance.folder / "said").read_text().splitlines():
        message = json.loads(line)
        event = {name: value for name, value in message["event"].items() if name != "at"}
        told = message["event_type"], event
        if told[0] != "ping" and not (told[0] == "keep" and said and said[-1][1] == event):
            said.append(told)
    return said


def befall(appliance: Appliance, fate: str) -> None:
    """Something happens to the target; see tests/browser/overheard.py."""
    draft = appliance.folder / "draft"
    draft.write_text(fate)
    draft.rename(appliance.folder / "fate")
