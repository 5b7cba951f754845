"""Who gets in, and what the others are told."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.appliance import USER, Appliance
from tests.browser.conftest import OpenPage
from tests.browser.visitor import expect_live, hold_back, log_in


def test_a_wrong_password_is_said_in_words(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_label("User name").fill(USER)
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("User name or password is wrong.")
    expect(page.get_by_label("Password")).to_have_value("")
    log_in(page)
    expect_live(page)


def test_a_session_outlives_a_reload_and_ends_with_the_logout(console: Page) -> None:
    console.reload()
    expect_live(console)
    console.get_by_role("button", name="Log out").click()
    expect(console.get_by_label("Password")).to_be_visible()
    console.reload()
    expect(console.get_by_label("Password")).to_be_visible()


def log_out_elsewhere(page: Page) -> None:
    """In another tab of the same browser."""
    other = page.context.new_page()
    other.goto(page.url)
    expect_live(other)
    other.get_by_role("button", name="Log out").click()
    expect(other.get_by_label("Password")).to_be_visible()


def test_a_logout_elsewhere_brings_the_login_form(console: Page) -> None:
    log_out_elsewhere(console)
    expect(console.get_by_role("alert")).to_have_text("The session ended. Log in again.")


def test_a_device_that_lost_its_owner_brings_the_claim_form(console: Page, appliance: Appliance) -> None:
    refusal = {"ok": False, "result": {"error": "Unclaimed", "error_msg": "the accounts were on a card that broke"}}
    console.route("**/api/auth/check", lambda route: route.fulfill(status=401, json=refusal))
    appliance.kill()
    appliance.start()
    expect(console.get_by_label("Code on the panel")).to_be_focused(timeout=20_000)
    expect(console.get_by_text("The accounts were on a card that broke.")).to_be_visible()
    expect(console.locator("main")).to_have_count(1)


def test_the_settings_go_with_the_session(console: Page) -> None:
    console.get_by_role("button", name="Settings").click()
    expect(console.get_by_role("dialog", name="Settings")).to_be_visible()
    log_out_elsewhere(console)
    expect(console.get_by_role("alert")).to_have_text("The session ended. Log in again.")
    expect(console.locator("dialog.settings")).to_have_count(0)
    expect(console.get_by_label("User name")).to_be_focused()


def test_settings_that_are_slow_to_open_do_not_open_over_the_login_form(console: Page) -> None:
    held = hold_back(console, "**/api/auth/check")
    with console.expect_request("**/api/auth/check"):
        console.get_by_role("button", name="Settings").click()
    console.get_by_role("button", name="Log out").click()
    expect(console.get_by_label("Password")).to_be_visible()
    with console.expect_response("**/api/auth/check"):
        held.pop().fulfill(json={"ok": True, "result": {"user": USER, "role": "admin", "guest": False}})
    log_in(console)
    expect_live(console)
    expect(console.locator("dialog.settings")).to_have_count(0)


def test_the_settings_open_once(console: Page) -> None:
    console.get_by_role("button", name="Settings").dblclick()
    expect(console.get_by_role("button", name="Change")).to_be_visible()
    expect(console.locator("dialog.settings")).to_have_count(1)
    console.get_by_role("button", name="Close").click()
    console.get_by_role("button", name="Settings").click()
    expect(console.get_by_role("dialog", name="Settings")).to_be_visible()
