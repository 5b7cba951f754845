"""One Chromium for the session, one appliance for each test, one logged-in page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.appliance import PASSWORD, USER, Appliance

_ARGUMENTS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def appliance(tmp_path: Path) -> Iterator[Appliance]:
    """A running appliance, not used by anybody else."""
    running = Appliance(tmp_path)
    running.start()
    yield running
    running.kill()


@pytest.fixture
def open_page(chromium: Browser, appliance: Appliance) -> Iterator[OpenPage]:
    """Opens the appliance's page in a browser of its own. The page must not throw, nor be stopped by its own policy."""
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    contexts = []

    def open_page(width: int = 1280, height: int = 800) -> Page:
        context = chromium.new_context(ignore_https_errors=True, viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", note)
        page.goto(appliance.url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def open_console(open_page: OpenPage) -> OpenPage:
    """Opens a page, logs in, and waits for a live picture."""

    def open_console(width: int = 1280, height: int = 800) -> Page:
        page = open_page(width, height)
        log_in(page)
        expect_live(page)
        return page

    return open_console


@pytest.fixture
def console(open_console: OpenPage) -> Page:
    """One logged-in page with a live picture."""
    return open_console()


def log_in(page: Page) -> None:
    """Fill in the form and send it."""
    page.get_by_label("User name").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def expect_live(page: Page) -> None:
    """The page says that the picture is live, and does not grey it."""
    expect(page.locator(".pill")).to_have_text("Live", timeout=20_000)
    expect(page.locator(".veil")).to_be_hidden()
