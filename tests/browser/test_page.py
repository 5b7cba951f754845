"""The page's files, and what happens when one does not come."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.appliance import ROOT

UI = ROOT / "app" / "ui"


def imported(name: str) -> set[str]:
    """The modules that must be there before this one can run."""
    found: set[str] = set()
    wanted = [name]
    while wanted:
        others = re.findall(r"^import .*?'\./(.+?)';", (UI / wanted.pop()).read_text("utf-8"), re.MULTILINE)
        wanted += [other for other in others if other not in found]
        found.update(others)
    return found


def test_every_module_is_fetched_at_once() -> None:
    named = re.findall(r'rel="modulepreload" href="/ui/(.+?)"', (UI / "index.html").read_text("utf-8"))
    assert len(named) == len(set(named))
    assert set(named) == imported("main.js")


def test_nothing_comes_from_elsewhere_or_inline() -> None:
    page = (UI / "index.html").read_text("utf-8")
    assert not re.search(r"""(src|href)="(?!/ui/)""", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)", page)


@pytest.mark.parametrize("name", ["Paste", "Settings"])
def test_a_part_that_does_not_come_is_told_and_can_be_asked_for_again(console: Page, name: str) -> None:
    button, dialog = console.get_by_role("button", name=name, exact=True), console.get_by_role("dialog", name=name)
    console.route(f"**/ui/{name.lower()}.js", lambda route: route.abort(), times=1)
    button.click()
    expect(console.get_by_role("alert")).to_contain_text("This part of the page did not come.")
    expect(dialog).to_be_hidden()
    button.click()
    expect(dialog).to_be_visible()
