"""One Chromium for the session, one appliance for each test, one logged-in page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.appliance import Appliance
from tests.browser import chromium as chromium_program
from tests.browser.visitor import expect_live, log_in

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    if chromium_program.PATH is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_program.PATH, args=chromium_program.ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def appliance(tmp_path: Path) -> Iterator[Appliance]:
    """A running appliance, not used by anybody else."""
    running = Appliance(tmp_path, module="tests.browser.overheard")
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
