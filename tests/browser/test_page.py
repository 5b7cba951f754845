"""The page's files, without a browser."""

from __future__ import annotations

import re

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
