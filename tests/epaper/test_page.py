"""The status in words."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from app import cable
from app.status import (
    Card,
    Claim,
    Control,
    Device,
    Health,
    Hotspot,
    Network,
    Panel,
    Signal,
    SignalState,
    Thumbnail,
    Trust,
    Usb,
    UsbState,
    Viewers,
)
from epaper.news import Silence
from epaper.own import Own
from epaper.page import Certificate, Ready, SetUp, page
from epaper.trouble import Notice, stopped

V4, V6 = "192.168.1.42", "2001:db8::1"
OWN = Own("fallback")


def ready(**parts) -> Ready:
    result = page(replace(Device(), **parts), OWN)
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
        (Network("", (V4, cable.ADDRESS)), V4, ""),
        (Network("", (V4, V6, cable.ADDRESS)), V4, f"[{V6}]"),
    ],
)
def test_address_as_it_is_typed(network, address, other):
    words = ready(network=network)
    assert (words.address, words.other) == (address, other)


def test_an_address_on_the_cable_alone_is_told_with_the_reason_why_there_is_no_other():
    reason = "wrong password for shop"
    shown = ready(network=Network(addresses=(cable.ADDRESS,), reason=reason))
    assert (shown.address, shown.other, shown.network) == (cable.ADDRESS, "on the USB cable, and nowhere else", reason)


def test_an_address_that_leads_nowhere_is_told_with_the_reason():
    network = Network(addresses=(V4, cable.ADDRESS), reason="no gateway on wlan0", wifi="shop")
    shown = ready(network=network)
    assert (shown.address, shown.other, shown.wifi, shown.network) == (V4, "", "shop", network.reason)
    claim = Claim(f"https://{V4}/#CODE", "CODE")
    assert page(Device(network=network, claim=claim, card=Card(ignored=("ssh",))), OWN).note == network.reason
    assert ready(network=Network(addresses=(), reason="no network cable")).network == ""


def test_no_address_says_why():
    assert ready(network=Network()).no_address == "looking for an address"
    assert ready(network=Network(addresses=())).no_address == "no network address"
    assert ready(network=Network(addresses=(), reason="wrong password")).no_address == "no network: wrong password"
    assert ready(network=Network(addresses=(V4,))).no_address == ""


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        (Signal("locked", 1920, 1080, 50.0), "1920\u00d71080, 50 Hz"),
        (Signal("locked", 1280, 720, 59.9402), "1280\u00d7720, 59.94 Hz"),
        (Signal("locked", 720, 400, 0.0), "720\u00d7400"),
        (Signal("locked", 720, 400, 70.0, "there is a signal, but no frame arrives"), "720\u00d7400: no frames arrive"),
        (Signal("no_power"), "cable out or target off"),
        (Signal("no_signal", reason="the target sends no picture"), "target sends no picture"),
        (Signal("no_lock"), "picture unstable"),
        (Signal("unsupported", 1920, 1080, 50.0, "interlaced"), "interlaced"),
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
        assert isinstance(page(silence, OWN), Notice)


def test_unknown_is_never_shown_as_working():
    words = ready()
    assert (words.hdmi, words.usb) == ("not checked yet", "not checked yet")
    assert not words.signal


@pytest.mark.parametrize(
    ("count", "holder", "words"),
    [
        (0, None, "nobody is watching"),
        (1, None, "1 viewer, nobody controls"),
        (2, "alice", "alice controls, 2 viewers"),
        (12, "a-name-that-is-as-long-as-this", "a-name-th…g-as-this controls, 12 viewers"),
        (0, "alice", "alice controls, 0 viewers"),
    ],
)
def test_who_uses_it(count, holder, words):
    shown = ready(viewers=Viewers(count), control=Control(holder))
    assert shown.web == words
    assert shown.in_use == (words != "nobody is watching")


@pytest.mark.parametrize(
    ("health", "words"),
    [
        (Health(), ""),
        (Health(temperature=70.0, slowed=False), ""),
        (Health(temperature=75.0), "75 °C"),
        (Health(temperature=80.0, slowed=True), "80 °C, slowed down"),
        (Health(temperature=60.0, slowed=True), "60 °C, slowed down"),
        (Health(slowed=True), "slowed down"),
    ],
)
def test_heat_when_notable(health, words):
    assert ready(health=health).heat == words


def test_wifi_has_its_name_and_its_bars_as_far_as_they_are_known():
    assert (ready(network=Network(wifi="shop", strength=75)).wifi, ready(network=Network(wifi="shop")).bars) == (
        "shop",
        None,
    )
    assert ready(network=Network(wifi="shop", strength=75)).bars == 3
    assert (ready(network=Network(strength=75)).wifi, ready(network=Network(strength=75)).bars) == ("", None)


def test_own_addresses_outrank_the_daemons():
    device = Device(network=Network(addresses=(V4,), port=8443))
    shown = page(device, Own("h", ("10.0.0.1", V6)))
    assert (shown.address, shown.other) == ("10.0.0.1:8443", f"[{V6}]:8443")
    shown = page(device, Own("h", ()))
    assert (shown.address, shown.no_address) == ("", "no network address")


def test_certificate_on_demand_as_soon_as_it_is_known_and_somebody_owns_the_device():
    asked = Device(network=Network(addresses=(V4,)), panel=Panel("fingerprint"))
    assert isinstance(page(asked, OWN), Ready)
    known = asked.with_part(Trust("AA:BB"))
    assert page(known, OWN) == Certificate("fallback", V4, "AA:BB")
    assert isinstance(page(known.with_part(Claim("https://192.168.1.42/", "X")), OWN), SetUp)
    assert isinstance(page(known.with_part(Panel("something newer")), OWN), Ready)


def test_what_is_important():
    before = Device(signal=Signal("locked", 1920, 1080, 50.0), network=Network("kvm", (V4,)))
    shown = page(before, OWN)
    for part in (Network("kvm", ("10.0.0.1",)), Network("kvm", (V4,), 8443), Signal("no_signal")):
        assert page(before.with_part(part), OWN).headline != shown.headline
    cosmetic = (Viewers(3), Control("bob"), Usb("suspended"), Signal("locked", 640, 480, 60.0), Thumbnail(8, 1, "00"))
    for part in (*cosmetic, Network("kvm", (V4,), wifi="shop", strength=50), Health(slowed=True)):
        changed = page(before.with_part(part), OWN)
        assert changed != shown
        assert changed.headline == shown.headline
    claimed = page(before.with_part(Claim("https://192.168.1.42/", "AAAA")), OWN)
    assert len({shown.headline, claimed.headline, page(Silence.GONE, OWN).headline, stopped(OWN).headline}) == 4


def test_what_is_not_shown_is_no_reason_to_draw():
    before = Device(network=Network("kvm", (V4,)))
    assert page(before, OWN) == page(before.with_part(Usb("unknown", ("caps",))), OWN)
    assert page(before, OWN) == page(before.with_part(Health(version="2")), OWN)


@pytest.mark.parametrize(
    ("url", "address", "link"),
    [
        ("https://192.168.1.42/#CODE", "192.168.1.42", True),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443", True),
        ("https://kvm.local/claim#CODE", "kvm.local/claim", True),
        ("", "looking for an address", False),
    ],
)
def test_set_up(url, address, link):
    device = Device(network=Network("kvm", (V4,)), claim=Claim(url, "CODE"), trust=Trust("AA:BB"))
    assert page(device, OWN) == SetUp("kvm", (url,) if link else (), address, "CODE", "AA:BB", "HDMI ?, USB ?")


def test_set_up_has_the_name_for_a_code_when_it_is_published():
    network = Network("kvm", (V6,), 8443, name="kvm.local")
    device = Device(network=network, claim=Claim("https://[2001:db8::1]:8443/#CODE", "CODE"))
    assert page(device, OWN).urls == ("https://[2001:db8::1]:8443/#CODE", "https://kvm.local:8443/#CODE")


def test_set_up_shows_no_address_that_is_gone():
    device = Device(network=Network(reason="cable out"), claim=Claim("https://192.168.1.42/#CODE", "CODE"))
    shown = page(device, Own("h", ()))
    assert (shown.urls, shown.address) == ((), "no network: cable out")


def test_set_up_by_the_cable_has_no_code_for_a_camera_that_would_not_get_there():
    claim = Claim(f"https://{cable.ADDRESS}/#CODE", "CODE")
    shown = page(Device(network=Network(addresses=(cable.ADDRESS,), name="kvm.local"), claim=claim), OWN)
    assert (shown.urls, shown.address, shown.code) == ((), f"https://{cable.ADDRESS}", "CODE")
    assert shown.note == "on the USB cable, and nowhere else"
    network = Network(addresses=(cable.ADDRESS,), reason="wrong password for shop")
    assert page(Device(network=network, claim=claim), OWN).note == f"{shown.note}: wrong password for shop"


def test_the_access_point_s_page_says_how_to_get_in_by_the_cable_instead():
    device = Device(
        network=Network(addresses=("10.42.0.1", cable.ADDRESS), port=8443),
        claim=Claim("https://10.42.0.1:8443/#CODE", "CODE"),
        hotspot=Hotspot("a", "b", "10.42.0.1"),
        card=Card(ignored=("ssh",)),
    )
    assert page(device, OWN).reason == f"by USB: {cable.ADDRESS}:8443, claim code CODE"
    assert page(replace(device, hotspot=Hotspot("a", "b", "c", "wrong password")), OWN).reason == "wrong password"
    known = Hotspot("a", "b", "c", known="home not found")
    assert page(replace(device, hotspot=known), OWN).reason == f"by USB: {cable.ADDRESS}:8443, claim code CODE"
    assert page(replace(device, hotspot=known), Own("h", ("10.42.0.1",))).reason == "home not found"
    assert page(replace(device, claim=None), OWN).reason == "ignored: ssh"
    assert page(device, Own("h", ("10.42.0.1",))).reason == "ignored: ssh"


@pytest.mark.parametrize(
    ("signal", "usb", "words"),
    [
        (Signal("locked", 3840, 2160, 30.0), Usb("configured"), "3840×2160, USB ok"),  # noqa: RUF001
        (Signal("no_power"), Usb("suspended"), "no HDMI, USB asleep"),
        (Signal("locked", 1920, 1080, 50.0), Usb("suspended"), "1920×1080, USB asleep"),  # noqa: RUF001
        (Signal("unsupported"), Usb("not attached"), "bad HDMI, no USB"),
    ],
)
def test_set_up_says_in_few_words_how_the_cables_are(signal, usb, words):
    assert page(Device(signal=signal, usb=usb, claim=Claim("", "X")), OWN).state == words


def test_host_name_comes_from_the_daemon_when_it_has_one():
    assert ready(network=Network("kvm", name="kvm-2.local")).host == "kvm-2.local"
    assert ready(network=Network("kvm")).host == "kvm"
    assert ready().host == "fallback"


REFUSAL = "key 'system.hostname' has value 'a b', expected letters, digits and hyphens"


@pytest.mark.parametrize("hotspot", [None, Hotspot("inkvm-4f2a", "password", "10.42.0.1")])
@pytest.mark.parametrize("claim", [None, Claim("https://192.168.1.42/#CODE", "CODE")])
def test_a_file_that_is_not_applied_comes_before_everything(claim, hotspot):
    card = Card("inkvm.toml", REFUSAL)
    device = Device(card=card, claim=claim, hotspot=hotspot, network=Network(addresses=(V4,)))
    shown = page(device, OWN)
    assert (shown.title, shown.address) == ("key 'system.hostname' has value 'a b'", V4)
    assert shown.detail == "Mend inkvm.toml on the card. Expected: letters, digits and hyphens."
    bare = page(replace(device, card=Card("inkvm.toml", "it cannot be read")), OWN)
    assert (bare.title, bare.detail) == ("it cannot be read", "Mend inkvm.toml on the card.")


@pytest.mark.parametrize(
    ("card", "note"),
    [
        (None, ""),
        (Card("inkvm.toml"), ""),
        (Card(ignored=("firstrun.sh",)), "ignored: firstrun.sh"),
        (Card("a", "", ("key 'x' is not used",), ("ssh", "user-data")), "ignored: ssh, user-data (+1)"),
        (Card("a", "", ("key 'x' is not used",)), "key 'x' is not used"),
    ],
)
def test_what_else_there_is_on_the_card_is_named(card, note):
    device = Device(card=card)
    assert page(device, OWN).card == note
    assert page(replace(device, claim=Claim("", "CODE")), OWN).note == note
    assert page(replace(device, hotspot=Hotspot("a", "b", "c")), OWN).reason == note
    assert page(replace(device, hotspot=Hotspot("a", "b", "c", "wrong password")), OWN).reason == "wrong password"


def test_what_a_name_or_a_passphrase_has_of_the_code_s_own_marks_is_escaped():
    shown = page(Device(hotspot=Hotspot(r'a;b,c:d"e\f', "p;p;p;p;", "10.42.0.1")), Own("inkvm"))
    assert shown.code == r"WIFI:T:WPA;S:a\;b\,c\:d\"e\\f;P:p\;p\;p\;p\;;;"
