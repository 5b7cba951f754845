"""What stands on the glass instead of a status."""

from __future__ import annotations

import pytest

from app.status import Card, Claim, Device, Encoder, Health, Network
from epaper.news import Silence
from epaper.own import Own
from epaper.page import Ready, page
from epaper.trouble import Problem, stopped

V4 = "192.168.1.42"
OWN = Own("fallback")


@pytest.mark.parametrize(
    ("encoder", "faults", "words"),
    [
        (Encoder("stalled", reason="no frame for 2 s"), (), "encoder stalled: no frame for 2 s"),
        (Encoder("failed"), ("hid: gone",), "encoder failed (+1)"),
        (Encoder(), ("hid: gone", "web: gone", "x"), "hid: gone (+2)"),
    ],
)
def test_fault_is_a_problem_with_a_remedy_and_the_address(encoder, faults, words):
    device = Device(encoder=encoder, health=Health(faults=faults), network=Network(addresses=(V4,), port=8443))
    problem = page(device, OWN)
    assert isinstance(problem, Problem)
    assert (problem.title, problem.address) == (words, f"{V4}:8443")
    part = "these parts" if "(+" in words else "this part"
    assert problem.detail.startswith(f"The device tries to start {part} again.")
    assert "pull the power" in problem.detail


@pytest.mark.parametrize("encoder", [Encoder("running"), Encoder("idle")])
def test_a_working_encoder_is_no_problem(encoder):
    assert isinstance(page(Device(encoder=encoder), OWN), Ready)


@pytest.mark.parametrize("silence", [Silence.LATE, Silence.GONE, Silence.MUTE, Silence.GARBLED])
def test_without_a_daemon_the_address_is_still_known(silence):
    problem = page(silence, Own("h", (V4,)))
    assert isinstance(problem, Problem)
    assert problem.address == V4
    assert problem.detail


@pytest.mark.parametrize("others", [(), ("hid: gone",)])
def test_a_card_that_keeps_nothing_is_a_note_beside_what_works(others):
    health = Health(faults=("card is full, changes are lost", *others), loss="card is full, changes are lost")
    shown = page(Device(health=health, card=Card(ignored=("ssh",))), OWN)
    if others:
        assert (type(shown), shown.title) == (Problem, "hid: gone")
        return
    assert (type(shown), shown.card) == (Ready, "card is full, changes are lost (+1)")
    claimed = page(Device(health=health, claim=Claim("", "CODE")), OWN)
    assert claimed.note == "card is full, changes are lost"


def test_starting_says_which_version_and_how_often():
    assert page(Silence.STARTING, Own("h", None, "1.2", 17)).foot == "version 1.2, start number 17"
    assert page(Silence.STARTING, Own("h", None, "1.2")).foot == "version 1.2"
    assert page(Silence.STARTING, Own("h")).foot == ""


def test_bad_settings_are_the_problem_while_the_daemon_is_silent():
    own = Own("h", (V4,), complaint="key 'panel.dc' has value 8, expected a line from 2 to 27")
    problem = page(Silence.GONE, own)
    assert isinstance(problem, Problem)
    assert (problem.title, problem.detail) == ("key 'panel.dc' has value 8", "Expected a line from 2 to 27.")
    assert isinstance(page(Device(), own), Ready)


def test_the_last_page_shows_no_address():
    assert V4 not in repr(stopped(Own("kvm", (V4,))))
    assert not stopped(OWN).live
