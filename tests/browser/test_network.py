"""The network's part of the page, before answers of a device that has one radio and one cable."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

STATE: dict[str, Any] = {
    "reason": "",
    "links": [
        {"name": "eth0", "wifi": False, "ssid": "", "strength": None, "addresses": ["192.0.2.9/24"], "gateway": False},
        {
            "name": "wlan0",
            "wifi": True,
            "ssid": "home",
            "strength": 70,
            "addresses": ["198.51.100.7/24"],
            "gateway": True,
        },
    ],
    "air": [
        {"ssid": "686f6d65", "name": "home", "strength": 70, "open": False, "obstacle": ""},
        {"ssid": "6d6f6465726e", "name": "<modern>", "strength": 90, "open": False, "obstacle": "WPA3 only"},
    ],
    "known": [{"ssid": "686f6d65", "name": "home"}],
    "trial": None,
}


class Device:
    """Answers in the device's place, and keeps what it was asked for."""

    def __init__(self, page: Page) -> None:
        self.state = dict(STATE)
        self.asked: list[tuple[str, str, Any]] = []
        self.refusal = ""
        page.route("**/api/network**", self._answer)

    def _answer(self, route: Route) -> None:
        method, path = route.request.method, route.request.url.partition("/api/network")[2]
        if method == "GET":
            route.fulfill(json={"ok": True, "result": self.state})
            return
        self.asked.append((method, path, json.loads(route.request.post_data or "null")))
        if self.refusal:
            route.fulfill(status=409, json={"ok": False, "result": {"error": "Refused", "error_msg": self.refusal}})
            return
        self.state["trial"] = {"what": path.strip("/"), "seconds": 88} if method == "POST" else None
        route.fulfill(json={"ok": True, "result": {}})


def opened(console: Page) -> Locator:
    console.get_by_role("button", name="Settings", exact=True).click()
    dialog = console.get_by_role("dialog", name="Settings")
    dialog.get_by_role("button", name="Network", exact=True).click()
    return dialog


def test_a_simulation_says_that_it_has_nothing_to_change(console: Page) -> None:
    dialog = opened(console)
    expect(
        dialog.get_by_text("A simulated device has no network to change: this computer's own is left alone.")
    ).to_be_visible()
    expect(dialog.get_by_role("button", name="Try this")).to_have_count(0)


def test_a_network_is_tried_and_kept(console: Page) -> None:
    device = Device(console)
    dialog = opened(console)
    expect(dialog.get_by_role("cell", name="192.0.2.9/24 (no gateway)")).to_be_visible()
    expect(dialog.get_by_role("cell", name="198.51.100.7/24", exact=True)).to_be_visible()
    choice = dialog.locator("select[name=ssid]")
    assert choice.locator("option:disabled").all_inner_texts() == ["<modern>, 90 % (WPA3 only)"]
    choice.select_option("686f6d65")
    dialog.get_by_label("Password, empty if it has none").fill("correct horse")
    dialog.get_by_role("button", name="Try this network").click()
    expect(dialog.get_by_text("Trying join: taken back in 88 s unless it is kept.")).to_be_visible()
    assert device.asked == [("POST", "/join", {"ssid": "686f6d65", "passphrase": "correct horse", "hidden": False})]
    device.refusal = "only a request to the new address keeps it"
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog.get_by_text("Only a request to the new address keeps it.")).to_be_visible()
    device.refusal = ""
    dialog.get_by_role("button", name="Take it back").click()
    expect(dialog.get_by_text("Trying join")).to_have_count(0)
    assert [each[:2] for each in device.asked[1:]] == [("PUT", "/trial"), ("DELETE", "/trial")]


def test_what_is_wrong_is_said(console: Page) -> None:
    device = Device(console)
    device.state["reason"] = "no gateway on eth0"
    expect(opened(console).get_by_text("no gateway on eth0")).to_be_visible()


def test_a_hidden_network_an_address_and_a_name(console: Page) -> None:
    device = Device(console)
    dialog = opened(console)
    dialog.locator("select[name=ssid]").select_option("")
    dialog.get_by_label("Name, if it is not listed").fill("café")
    dialog.get_by_role("button", name="Try this network").click()
    expect(dialog.get_by_text("Trying join")).to_be_visible()
    dialog.get_by_label("Link").select_option("wlan0")
    dialog.get_by_label("Address, as").fill("198.51.100.9/24")
    dialog.get_by_label("Name servers").fill("9.9.9.9, 1.1.1.1")
    dialog.get_by_role("button", name="Try this address").click()
    expect(dialog.get_by_text("Trying address")).to_be_visible()
    dialog.get_by_label("Name, without .local").fill("attic")
    dialog.get_by_role("button", name="Try this name").click()
    expect(dialog.get_by_text("Trying name")).to_be_visible()
    address = {"link": "wlan0", "address": "198.51.100.9/24", "gateway": "", "dns": ["9.9.9.9", "1.1.1.1"]}
    assert device.asked == [
        ("POST", "/join", {"ssid": "636166c3a9", "passphrase": "", "hidden": True}),
        ("POST", "/address", address),
        ("POST", "/name", {"name": "attic"}),
    ]


def test_looking_again_renews_the_list_and_keeps_what_was_typed(console: Page) -> None:
    device = Device(console)
    dialog = opened(console)
    choice, password = dialog.locator("select[name=ssid]"), dialog.get_by_label("Password, empty if it has none")
    choice.select_option("686f6d65")
    password.fill("correct horse")
    device.state["air"] = [{"ssid": "6e6577", "name": "new", "strength": 50, "open": False, "obstacle": ""}]
    look = dialog.get_by_role("button", name="Look again")
    look.click()
    expect(look).to_be_disabled()
    expect(look).to_be_enabled(timeout=20_000)
    assert choice.locator("option").all_inner_texts() == [
        "home, not heard now",
        "new, 50 %",
        "another one, by its name",
    ]
    expect(choice).to_have_value("686f6d65")
    expect(password).to_have_value("correct horse")
    device.state["air"] = STATE["air"]
    look.click()
    expect(look).to_be_disabled()
    expect(look).to_be_enabled(timeout=20_000)
    assert choice.locator("option").all_inner_texts() == [
        "home, 70 %", "<modern>, 90 % (WPA3 only)", "another one, by its name"
    ]  # fmt: skip
    expect(choice).to_have_value("686f6d65")
    assert [each[:2] for each in device.asked] == [("POST", "/scan")] * 2


def test_a_look_at_the_air_does_not_replace_another_section(console: Page) -> None:
    Device(console)
    dialog = opened(console)
    dialog.get_by_role("button", name="Look again").click()
    with console.expect_response(
        lambda response: response.request.method == "GET" and response.url.endswith("/api/network")
    ):
        dialog.get_by_role("button", name="Password", exact=True).click()
        dialog.get_by_label("New password").fill("half of it")
    expect(dialog.get_by_label("New password")).to_have_value("half of it")
