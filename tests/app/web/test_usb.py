"""The USB profile as an administrator's client sees it."""

from __future__ import annotations

import time

from tests.client import Client
from tests.patience import tries

PATH = "/api/usb/profile"


def _seen(client: Client, profile: list[str]) -> None:
    """Return when the target has been given the profile and is there again."""
    for _ in tries(f"target with {profile}"):
        usb = client.request("GET", "/api/info").result["state"]["usb"]
        if (usb["state"], usb["profile"]) == ("configured", profile):
            return
        time.sleep(0.05)


def test_profiles_are_listed_with_the_sum_of_those_that_do_not_fit(client: Client) -> None:
    answer = client.request("GET", PATH).result
    assert (answer["extras"], answer["refusal"], answer["address"]) == ([], "", "10.213.47.1")
    assert [each["extras"] for each in answer["profiles"] if not each["fits"]] == [
        ["serial", "network"],
        ["storage", "serial", "network"],
    ]
    assert answer["profiles"][-1]["reason"].endswith(
        "acm.serial 2 + ncm.network 2 = 9 IN endpoints, the USB controller has 7"
    )


def test_a_profile_is_asked_for_noted_and_seen_in_the_status(client: Client) -> None:
    for extras, disconnects in ((["serial", "storage"], True), (["storage", "serial"], False), ([], True)):
        answer = client.send("POST", PATH, extras=extras)
        wanted = [name for name in ("storage", "serial") if name in extras]
        assert answer.result == {"extras": wanted, "disconnects": disconnects}
        _seen(client, wanted)
    entries = client.request("GET", "/api/audit").result
    notes = [entry["extras"] for entry in entries if entry["event"] == "usb profile asked"]
    assert notes[:3] == [[], ["storage", "serial"], ["storage", "serial"]]


def test_what_does_not_fit_or_does_not_exist_is_refused_in_words(client: Client) -> None:
    bodies: tuple[tuple[dict[str, object], str], ...] = (
        ({"extras": ["serial", "network"]}, "= 8 IN endpoints, the USB controller has 7"),
        ({"extras": ["disk"]}, "profile has 'disk', expected storage, serial, network"),
        ({"extras": "storage"}, "extras has value 'storage', expected a list of storage, serial, network"),
        ({"extras": [1]}, "extras has value [1], expected a list"),
        ({}, "extras has value None"),
    )
    for body, words in bodies:
        answer = client.send("POST", PATH, **body)
        assert answer.status == 400
        assert words in answer.result["error_msg"]
    assert client.request("GET", PATH).result["extras"] == []


def test_it_is_for_administrators(stranger: Client) -> None:
    assert stranger.request("GET", PATH).status == 401
    assert stranger.send("POST", PATH).status == 401
