"""The way in, from the panel to the picture, and what one manages from there: in Chromium."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from app.auth import totp
from tests.appliance import PASSWORD, ROOT, Appliance
from tests.browser.conftest import OpenPage
from tests.browser.screen import Screen
from tests.browser.visitor import expect_live, hold_back, log_in

OWN = "battery staple"


class Panel:
    """The e-paper's process with its simulated glass."""

    def __init__(self, appliance: Appliance) -> None:
        self._picture = appliance.folder / "panel.png"
        command = [sys.executable, "-m", "epaper", "--socket", str(appliance.folder / "runtime" / "status.sock")]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen([*command, "--simulate", str(self._picture)], env=environment)

    def code(self) -> str:
        """What a telephone reads off the glass, as soon as there is something to read."""
        for _ in range(600):
            if self._picture.exists():
                glass = Image.open(self._picture).convert("L")
                enlarged = glass.resize((glass.width * 4, glass.height * 4), Image.Resampling.NEAREST)
                for found in zxingcpp.read_barcodes(enlarged):
                    return found.text
            time.sleep(0.1)  # the glass has no event
        raise AssertionError("no QR code on the panel")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def unclaimed(tmp_path: Path) -> Iterator[Appliance]:
    running = Appliance(tmp_path, "--unclaimed")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def fresh_page(chromium: Browser, unclaimed: Appliance) -> Iterator[Page]:
    context = chromium.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


def test_from_the_panels_qr_code_to_the_picture_in_three_actions(unclaimed: Appliance, fresh_page: Page) -> None:
    panel = Panel(unclaimed)
    try:
        url = panel.code()
        assert re.fullmatch(r"https://127\.0\.0\.1:\d+/#claim=[2-9A-Z]{5}-[2-9A-Z]{5}", url)
        fresh_page.goto(url)  # one
        expect(fresh_page.get_by_label("Code on the panel")).to_have_value(url[-11:])
        fresh_page.get_by_label("New password").fill(OWN)  # two
        fresh_page.get_by_role("button", name="Claim this device").click()  # three
        expect_live(fresh_page)
        assert Screen(fresh_page).frames(3)
        assert urlsplit(fresh_page.url).fragment == ""
        fresh_page.go_back()
        assert urlsplit(fresh_page.url).fragment == ""
        assert url[-11:] not in (unclaimed.folder / "log").read_text()
    finally:
        panel.stop()


def test_the_code_typed_by_hand_and_a_wrong_one_in_words(unclaimed: Appliance, fresh_page: Page) -> None:
    panel = Panel(unclaimed)
    code = panel.code()[-11:]
    panel.stop()
    fresh_page.goto(unclaimed.url)
    fresh_page.get_by_label("Code on the panel").fill("AAAAA-AAAAA")
    fresh_page.get_by_label("New password").fill(OWN)
    fresh_page.keyboard.press("Enter")
    expect(fresh_page.get_by_role("alert")).to_have_text("This is not the code on the panel.")
    fresh_page.get_by_label("New password").fill("password123")
    fresh_page.get_by_label("Code on the panel").fill(code.lower().replace("-", " "))
    fresh_page.keyboard.press("Enter")
    expect(fresh_page.get_by_role("alert")).to_contain_text("among the first that are tried")
    fresh_page.get_by_label("New password").fill(OWN)
    fresh_page.keyboard.press("Enter")
    expect_live(fresh_page)


def open_access(page: Page, section: str) -> None:
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("navigation").get_by_role("button", name=section).click()


SEND = """async ([path, body]) => {
    const headers = {'Content-Type': 'application/json'};
    return (await (await fetch(path, {method: 'POST', headers, body: JSON.stringify(body)})).json()).result;
}"""


def test_who_may_only_watch_is_told_the_quality_and_offered_none(console: Page, open_page: OpenPage) -> None:
    made = console.evaluate(SEND, ["/api/auth/links", {"label": "guest", "hours": 1}])
    console.evaluate(SEND, ["/api/accounts", {"user": "vera", "passwd": OWN, "role": "viewer"}])
    guest, viewer = open_page(), open_page()
    guest.goto(made["url"])
    viewer.get_by_label("User name").fill("vera")
    viewer.get_by_label("Password").fill(OWN)
    viewer.get_by_role("button", name="Log in").click()
    for page in (guest, viewer, console):
        page.get_by_role("button", name="Video", exact=True).click()
    for page in (guest, viewer):
        expect(page.locator("[data-figure=quality] dd")).to_have_text("follows the link")
        expect(page.get_by_label("Quality")).to_be_hidden()
        expect(page.get_by_role("button", name="Replug display")).to_be_hidden()
    expect(console.locator("[data-figure=quality]")).to_be_hidden()
    console.get_by_label("Quality").select_option("1 Mbit/s")
    for page in (guest, viewer):
        expect(page.locator("[data-figure=quality] dd")).to_have_text("1.0 Mbit/s")


def test_a_view_link_shows_the_picture_and_types_nothing(console: Page, chromium: Browser) -> None:
    open_access(console, "View links")
    console.get_by_label("For").fill("the plumber")
    console.get_by_role("button", name="Make").click()
    url = console.locator(".once code").inner_text()
    context = chromium.new_context(ignore_https_errors=True)
    guest = context.new_page()
    guest.goto(url)
    expect_live(guest)
    assert urlsplit(guest.url).fragment == ""
    before = Screen(guest).frames(1)[0].typed
    expect(guest.locator("[data-fact=keys] dd")).to_have_text("not sent, you may only watch")
    for words in ("Ctrl+Alt+Del", "Paste", "Keys", "Release keys", "Capture mouse", "Take control", "Ask for it"):
        expect(guest.get_by_role("button", name=words, exact=True)).to_be_hidden()
    guest.locator("canvas").focus()
    guest.keyboard.type("ink")
    assert {frame.typed for frame in Screen(guest).frames(30)} == {before}
    console.get_by_role("button", name="Revoke").click()
    expect(guest.get_by_role("alert")).to_have_text("The session ended. Log in again.")
    guest.goto(url)
    expect(guest.get_by_role("alert")).to_contain_text("expired or was revoked")
    context.close()


def test_a_view_link_in_a_tab_with_a_console_leaves_one_console(console: Page) -> None:
    made = console.evaluate(SEND, ["/api/auth/links", {"label": "guest", "hours": 1}])
    console.locator("main").evaluate("main => { main.id = 'before'; }")
    console.goto(made["url"])
    expect(console.locator("#before")).to_have_count(0)
    expect_live(console)
    console.keyboard.type("x")
    assert Screen(console).until(lambda strip: strip.typed >= 1).text == "x"
    expect(console.locator(".holder")).to_contain_text("You have control")
    expect(console.locator("[data-fact=viewers] dd")).to_have_text("1")
    assert len(console.workers) == 2, "one for the picture and one for the keys"


def test_one_time_codes_from_the_enrolments_qr_code_to_the_login(console: Page, tmp_path: Path) -> None:
    open_access(console, "One-time codes")
    console.get_by_label("Your password").fill(PASSWORD)
    console.get_by_role("button", name="Set up").click()
    picture = tmp_path / "qr.png"
    console.locator("img.qr").screenshot(path=picture)
    (found,) = zxingcpp.read_barcodes(Image.open(picture))
    match = re.fullmatch(r"otpauth://totp/.+:admin\?secret=([A-Z2-7]{32})&issuer=.+", found.text)
    assert match is not None
    console.get_by_label("Code").fill(totp.code(match[1], int(time.time()) // 30))
    console.get_by_role("button", name="Turn on").click()
    expect(console.locator(".once code")).to_be_visible()
    recovery = console.locator(".once code").inner_text().split()
    assert len(recovery) == 8
    console.get_by_role("button", name="Close").click()
    console.get_by_role("button", name="Log out").click()
    log_in(console)
    expect(console.get_by_role("alert")).to_contain_text("code from your authenticator app")
    console.get_by_label("Code from your authenticator app").fill(recovery[0])
    console.get_by_role("button", name="Log in").click()
    expect_live(console)


def test_a_user_is_added_demoted_and_removed(console: Page, open_page: OpenPage) -> None:
    open_access(console, "Users")
    console.get_by_role("textbox", name="Name").fill("ann")
    console.get_by_label("Password").fill(OWN)
    console.get_by_role("button", name="Add").click()
    expect(console.get_by_role("cell", name="ann")).to_be_visible()
    other = open_page()
    other.get_by_label("User name").fill("ann")
    other.get_by_label("Password").fill(OWN)
    other.get_by_role("button", name="Log in").click()
    expect_live(other)
    row = console.get_by_role("row").filter(has_text="ann")
    row.get_by_role("combobox").select_option("viewer")
    other.get_by_role("button", name="Settings").click()
    expect(other.get_by_role("heading", name="Settings · ann, viewer")).to_be_visible()
    row.get_by_role("button", name="Remove").click()
    expect(console.get_by_role("cell", name="ann")).to_have_count(0)
    expect(other.get_by_role("alert")).to_have_text("The session ended. Log in again.")


def test_tokens_sessions_certificate_and_the_log_are_there(console: Page) -> None:
    open_access(console, "API tokens")
    console.get_by_role("textbox", name="Name").fill("Home Assistant")
    console.get_by_role("button", name="Make").click()
    expect(console.locator(".once code")).to_have_text(re.compile(r"inkvm_[\w-]{43}"))
    console.get_by_role("button", name="Revoke").click()
    expect(console.get_by_text("There are none.")).to_be_visible()
    for section, words in [
        ("Sessions", "this one"),
        ("Certificate", "Download the authority"),
        ("Audit log", "token revoked"),
    ]:
        console.get_by_role("navigation").get_by_role("button", name=section).click()
        expect(console.get_by_text(words, exact=True).first).to_be_visible()
    with console.expect_download() as download:
        console.get_by_role("navigation").get_by_role("button", name="Certificate").click()
        console.get_by_role("link", name="Download the authority").click()
    assert download.value.suggested_filename.endswith(".crt")


def test_a_late_answer_does_not_replace_the_section_that_is_open(console: Page) -> None:
    held = hold_back(console, "**/api/auth/sessions")
    with console.expect_request("**/api/auth/sessions"):
        open_access(console, "Sessions")
    console.get_by_role("navigation").get_by_role("button", name="Password").click()
    console.get_by_label("New password").fill("half of it")
    with console.expect_response("**/api/auth/sessions"):
        held.pop().continue_()
    console.evaluate("fetch('/api/auth/check')")  # what came before it has been read by then
    expect(console.get_by_label("New password")).to_have_value("half of it")
    expect(console.get_by_role("heading", name="Sessions")).to_have_count(0)
    console.get_by_role("navigation").get_by_role("button", name="Sessions").click()
    expect(console.get_by_text("this one")).to_be_visible()


def test_a_secret_that_cannot_be_copied_is_selected(console: Page) -> None:
    open_access(console, "API tokens")
    console.get_by_role("textbox", name="Name").fill("Home Assistant")
    console.get_by_role("button", name="Make").click()
    secret = console.locator(".once code").inner_text()
    console.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed')); }")
    console.get_by_role("button", name="Copy").click()
    console.wait_for_function("secret => getSelection().toString() === secret", arg=secret)
    expect(console.get_by_role("button", name="Copy")).to_be_enabled()


def test_what_fails_can_be_tried_again(console: Page) -> None:
    console.evaluate(
        """async () => {
            const {button, element, form} = await import('/ui/element.js');
            const failing = () => Promise.reject(new Error('on purpose'));
            document.querySelector('main').append(element('dialog', {}, button('Act', failing), form('Send', [], failing)));
            document.querySelector('main > dialog:last-child').showModal();
            window.failed = 0;
            addEventListener('unhandledrejection', (event) => { window.failed += 1; event.preventDefault(); });
        }"""
    )
    act, send = console.get_by_role("button", name="Act"), console.get_by_role("button", name="Send")
    act.click()
    send.click()
    expect(console.get_by_role("alert")).to_contain_text("This page failed")
    console.wait_for_function("window.failed === 2")  # and it is not hushed up
    expect(act).to_be_enabled()
    expect(send).to_be_enabled()


def test_a_new_password_ends_the_other_browser(console: Page, open_console: OpenPage) -> None:
    other = open_console()
    open_access(console, "Password")
    console.get_by_label("Password now").fill(PASSWORD)
    console.get_by_label("New password").fill(OWN)
    console.get_by_role("button", name="Change").click()
    expect(console.get_by_role("status").filter(has_text="Changed.")).to_be_visible()
    expect(other.get_by_role("alert")).to_have_text("The session ended. Log in again.")
