"""Takes the README's picture, docs/console.png, of the real page: `python3 -m tests.browser.screenshot [FILE]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.appliance import ROOT, Appliance
from tests.browser import chromium
from tests.browser.screen import Screen
from tests.browser.visitor import expect_live, log_in

WORDS = "typed in a browser, seen on the target"


def main(file: Path) -> None:
    """Log in, type a line, put the pointer beside it, and save what the user sees."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        appliance = Appliance(Path(folder))
        appliance.start()
        try:
            page = browser.new_page(ignore_https_errors=True, viewport={"width": 1280, "height": 800})
            page.goto(appliance.url)
            log_in(page)
            expect_live(page)
            page.keyboard.type(WORDS)
            page.mouse.move(700, 480)
            Screen(page).until(lambda strip: strip.typed == len(WORDS) and strip.pointer[1] > 400)
            Screen(page).frames(60)  # two seconds, so that the rates are those of a whole window
            page.screenshot(path=file)
        finally:
            appliance.kill()
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "console.png")
