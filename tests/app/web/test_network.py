"""The network's resources where there is no NetworkManager: what is refused before anything is asked of it."""

from __future__ import annotations

import pytest

from tests.client import Client


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", {}),
        ("POST", "/scan", {}),
        ("POST", "/join", {"ssid": "73", "passphrase": "correct horse"}),
        ("POST", "/address", {"link": "wlan0"}),
    ],
)
def test_a_simulation_has_no_network_and_says_so(
    client: Client, method: str, path: str, body: dict[str, object]
) -> None:
    answer = client.send(method, f"/api/network{path}", **body)
    assert answer.status == 503
    assert answer.result["error_msg"].startswith("a simulated device has no network to change")


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("join", {"ssid": "xyz"}, "ssid has value 'xyz', expected hexadecimal digits"),
        ("join", {"ssid": 3}, "ssid is no string"),
        ("join", {"ssid": "73", "passphrase": "short"}, "expected 8 to 63 bytes"),
        ("address", {"link": "wlan0", "address": "192.0.2.9"}, "address has value '192.0.2.9'"),
        ("address", {"link": "wlan0", "dns": "9.9.9.9"}, "dns has value '9.9.9.9', expected a list"),
        ("address", {"link": "wlan0", "dns": [9]}, "expected a list"),
        ("name", {"name": "-attic"}, "name has value '-attic', expected letters, digits and hyphens"),
        ("name", {"name": "localhost"}, "and not localhost"),
        ("join", {"ssid": "73", "passphrase": "\ud800" * 8}, "expected 8 to 63 bytes"),
        ("name", {"name": "a.b"}, "name has value 'a.b'"),
        ("name", {"name": "x" * 64}, "at most 63"),
    ],
)
def test_a_change_that_cannot_be_is_refused_in_words(
    client: Client, path: str, body: dict[str, object], words: str
) -> None:
    answer = client.send("POST", f"/api/network/{path}", **body)
    assert answer.status == 400
    assert words in answer.result["error_msg"]
    assert "short" not in answer.result["error_msg"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_there_is_nothing_to_keep_or_take_back(client: Client, method: str) -> None:
    assert client.send(method, "/api/network/trial").status == 409


def test_a_name_cannot_be_tried_while_none_is_published(client: Client) -> None:
    answer = client.send("POST", "/api/network/name", name="attic")
    assert (answer.status, answer.result["error_msg"]) == (503, "the device's name is not published")
