"""The display's EDID and its cable, over the appliance's own API."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from app.video.edid import parse
from app.video.presets import preset
from tests.appliance import Appliance
from tests.client import Client, Socket
from tests.patience import tries

OWN = preset("1080p30", "somebody else's").build()


@pytest.fixture
def owner(client: Client) -> Iterator[Client]:
    yield client
    assert client.send("DELETE", "/api/streamer/edid").result["name"] == "720p60"
    control = client.socket("/api/ws")
    client.send("POST", "/api/streamer/replug")
    until(control, "no_signal")
    until(control, "locked")  # the next test may want a picture


def until(control: Socket, state: str) -> str:
    """Wait for a state of the signal; its reason."""
    patience = tries(f"signal that is {state}")
    while True:
        next(patience)
        message = json.loads(control.recv())
        if message["event_type"] == "state" and message["event"]["signal"]["state"] == state:
            return str(message["event"]["signal"]["reason"])


def test_a_replug_takes_the_picture_away_and_brings_it_back(client: Client) -> None:
    control = client.socket("/api/ws")
    until(control, "locked")
    assert client.send("POST", "/api/streamer/replug").result == {}
    assert "replugged" in until(control, "no_signal")
    until(control, "locked")


def test_the_display_is_told_chosen_and_given_back(owner: Client) -> None:
    told = owner.request("GET", "/api/streamer/edid").result
    assert (told["name"], told["warnings"]) == ("720p60", [])
    assert told["modes"][0] == "1280x720 at 60 Hz"
    assert told["presets"] == ["720p60", "1080p30", "1080p50"]
    assert parse(bytes.fromhex(told["edid"])).name == "inkvm"
    control = owner.socket("/api/ws")
    until(control, "locked")
    told = owner.send("PUT", "/api/streamer/edid", preset="1080p50").result
    assert (told["name"], told["modes"][0]) == ("1080p50", "1920x1080 at 50 Hz")
    assert "replugged" in until(control, "no_signal"), "the target has to look again"
    until(control, "locked")
    events = [entry["event"] for entry in owner.request("GET", "/api/audit").result]
    assert "display changed" in events


def test_a_choice_that_cannot_be_kept_is_none(owner: Client, appliance: Appliance) -> None:
    # Not a file that could be replaced, whoever asks: root may do anything else.
    place = appliance.folder / "state" / "edid.bin"
    place.mkdir()
    answer = owner.send("PUT", "/api/streamer/edid", preset="1080p30")
    place.rmdir()
    assert answer.status == 503
    assert answer.result["error_msg"].startswith("the change cannot be kept: ")
    assert owner.request("GET", "/api/streamer/edid").result["name"] == "720p60"


def test_ones_own_is_taken(owner: Client) -> None:
    told = owner.send("PUT", "/api/streamer/edid", edid=OWN.hex(" ")).result
    assert (told["name"], bytes.fromhex(told["edid"])) == ("own", OWN)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "expected either preset"),
        ({"preset": "720p60", "edid": OWN.hex()}, "expected either preset"),
        ({"preset": 720}, "expected either preset"),
        ({"preset": "4k"}, "there is no preset '4k', expected one of 720p60, 1080p30, 1080p50"),
        ({"edid": "00ff"}, "it has 2 bytes, expected a multiple of 128"),
        ({"edid": "nonsense"}, "not an even number of hexadecimal digits"),
        ({"edid": OWN[:-1].hex() + "00"}, "block 1: its checksum is 0x00, expected"),
    ],
)
def test_a_bad_one_is_refused_in_words(owner: Client, body: dict[str, object], words: str) -> None:
    answer = owner.send("PUT", "/api/streamer/edid", **body)
    assert answer.status == 400
    assert words in answer.result["error_msg"]
    assert owner.request("GET", "/api/streamer/edid").result["name"] == "720p60"
