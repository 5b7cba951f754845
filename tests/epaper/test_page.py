"""The status in words."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from app.status import (
    Claim,
    Control,
    Device,
    Encoder,
    Health,
    Network,
    Signal,
    SignalState,
    Usb,
    UsbState,
    Viewers,
)
from epaper.link import Silence
from epaper.page import Notice, Ready, SetUp, page, stopped

V4, V6 = "192.168.1.42", "2001:db8::1"


def ready(**parts) -> Ready:
    result = page(replace(Device(), **parts), "fallback")
    assert isinstance(result, Ready)
    return result


@pytest.mark.parametrize(
    ("network", "address", "other"),
    [
        (Network("", (V4,)), V4, ""),
        (Network("", (V4,), 8443), "192.168.1.42:8443", ""),
        (Network("", (V6,)), "[2001:db8::1]", ""),
        (Network("", ("2001:0db8:0:0:0:0:0:1",), 8443), "[2001:db8::1]:8443", ""),
        (Network("", (V4, "10.0.0.1", V6)), V4, "[2001:db8::1]"),
        (Network("", (V4, "10.0.0.1")), V4, "10.0.0.1"),
        (Network("", ("kvm.example",)), "kvm.example", ""),
    ],
)
def test_address_as_it_is_typed(network, address, other):
    words = ready(network=network)
    assert (words.address, words.other) == (address, other)


def test_no_address_says_why():
    assert ready(network=Network()).no_address == "looking for an address"
    assert ready(network=Network(addresses=())).no_address == "no network address"
    assert ready(network=Network(addresses=(V4,))).no_address == ""


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        (Signal("locked", 1920, 1080, 50.0), "1920\u00d71080, 50 Hz"),
        (Signal("locked", 1280, 720, 59.9402), "1280\u00d7720, 59.94 Hz"),
        (Signal("locked", 720, 400, 0.0), "720\u00d7400"),
        (Signal("no_power"), "cable out or target off"),
        (Signal("no_signal", reason="the target sends no picture"), "target sends no picture"),
        (Signal("no_lock"), "picture unstable"),
        (Signal("unsupported", 1920, 1080, 50.0, "interlaced"), "not supported: interlaced"),
        (Signal("unsupported"), "mode not supported"),
        (Signal("unknown", reason="EBUSY"), "EBUSY"),
        (Signal(), "not checked yet"),
    ],
)
def test_hdmi(signal, words):
    assert ready(signal=signal).hdmi == words


def test_every_state_has_words():
    for signal in get_args(SignalState):
        assert ready(signal=Signal(signal)).hdmi
    for usb in get_args(UsbState):
        assert ready(usb=Usb(usb)).usb
    for silence in Silence:
        assert isinstance(page(silence, "host"), Notice)


def test_unknown_is_never_shown_as_working():
    words = ready()
    assert (words.hdmi, words.usb) == ("not checked yet", "not checked yet")
    assert not words.signal


@pytest.mark.parametrize(
    ("count", "holder", "words"),
    [
        (0, None, "nobody is watching"),
        (1, None, "1 viewer, none controls"),
        (2, "alice", "2 viewers, alice controls"),
        (0, "alice", "0 viewers, alice controls"),
    ],
)
def test_web(count, holder, words):
    assert ready(viewers=Viewers(count), control=Control(holder)).web == words


@pytest.mark.parametrize(
    ("encoder", "faults", "words"),
    [
        (Encoder("running"), (), ""),
        (Encoder("idle"), (), ""),
        (Encoder("stalled", reason="no frame for 2 s"), (), "encoder stalled: no frame for 2 s"),
        (Encoder("failed"), ("hid: gone",), "encoder failed (+1)"),
        (Encoder(), ("hid: gone", "web: gone", "x"), "hid: gone (+2)"),
    ],
)
def test_fault(encoder, faults, words):
    assert ready(encoder=encoder, health=Health(faults=faults)).fault == words


def test_what_is_important():
    before = Device(signal=Signal("locked", 1920, 1080, 50.0), network=Network("kvm", (V4,)))
    shown = page(before, "h")
    for part in (Network("kvm", ("10.0.0.1",)), Network("kvm", (V4,), 8443), Signal("no_signal")):
        assert page(before.with_part(part), "h").headline != shown.headline
    for part in (Viewers(3), Control("bob"), Usb("suspended"), Signal("locked", 640, 480, 60.0)):
        changed = page(before.with_part(part), "h")
        assert changed != shown
        assert changed.headline == shown.headline
    claimed = page(before.with_part(Claim("https://192.168.1.42/", "AAAA")), "h")
    assert len({shown.headline, claimed.headline, page(Silence.GONE, "h").headline, stopped("h").headline}) == 4


def test_what_is_not_shown_is_no_reason_to_draw():
    before = Device(network=Network("kvm", (V4,)))
    assert page(before, "h") == page(before.with_part(Usb("unknown", ("caps",))), "h")
    assert page(before, "h") == page(before.with_part(Health(version="2")), "h")


@pytest.mark.parametrize(
    ("url", "address", "link"),
    [
        ("https://192.168.1.42/#CODE", "192.168.1.42", True),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443", True),
        ("https://kvm.local/claim#CODE", "kvm.local/claim", True),
        ("", "no network address", False),
    ],
)
def test_set_up(url, address, link):
    words = page(Device(network=Network("kvm", (V4,)), claim=Claim(url, "CODE")), "h")
    assert words == SetUp("kvm", url if link else "", address, "admin", "CODE")


def test_host_name_comes_from_the_daemon_when_it_has_one():
    assert ready(network=Network("kvm")).host == "kvm"
    assert ready().host == "fallback"


def test_pages_without_a_daemon_show_no_address():
    for words in (page(Silence.GONE, "kvm"), page(Silence.STARTING, "kvm"), stopped("kvm")):
        assert isinstance(words, Notice)
        assert not words.live
