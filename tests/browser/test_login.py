"""Who gets in, and what the others are told."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.appliance import USER
from tests.browser.conftest import OpenPage
from tests.browser.visitor import expect_live, log_in


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


def test_a_logout_elsewhere_brings_the_login_form(console: Page) -> None:
    other = console.context.new_page()
    other.goto(console.url)
    expect_live(other)
    other.get_by_role("button", name="Log out").click()
    expect(console.get_by_role("alert")).to_have_text("The session ended. Log in again.")
