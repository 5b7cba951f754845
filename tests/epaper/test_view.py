"""Layouts, from their boxes and from their pixels."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from app.status import (
    Card,
    Claim,
    Control,
    Device,
    Encoder,
    Health,
    Hotspot,
    Network,
    Panel,
    Signal,
    Thumbnail,
    Trust,
    Usb,
    Viewers,
)
from epaper import panel, v4
from epaper.display import Display
from epaper.layout import layout
from epaper.news import Silence
from epaper.own import Own
from epaper.page import Certificate, Join, Page, Ready, SetUp, page
from epaper.picture import unpack
from epaper.sample import STAMP, samples
from epaper.sheet import HEIGHT, WIDTH
from epaper.sim import SimulatedPanel
from epaper.trouble import Notice, Problem, stopped
from epaper.typeface import FontMissing, Terminus
from epaper.typeset import Bitmap, Block, Box, Item, Modules, Text
from epaper.view import View
from tests.conftest import EFFORT

GOLDEN = Path(__file__).with_name("golden")
LONGEST_STAMP = "boot 12345 + 99 d 23 h"
OWN = Own("kvm")
V6 = "2001:db85:1234:5678:9abc:def0:1234:5678"
LONGEST = Device(
    signal=Signal("unsupported", 1920, 1200, 60.0, "1920x1200 at 60 Hz needs more than the two lanes this board has"),
    encoder=Encoder("failed", "m2m", "the firmware does not answer since 14 s, a restart of the device is needed"),
    usb=Usb("not attached"),
    viewers=Viewers(1000),
    control=Control("a-user-with-a-name-that-is-rather-long", 1),
    network=Network("h" * 63, (V6, "192.168.100.200"), 65535),
    health=Health("1.0", ("web: gone", "hid: gone")),
)
FINGERPRINT = ":".join(f"{number:02X}" for number in range(0xA0, 0xC0))
TYPICAL = Device(
    signal=Signal("locked", 1920, 1080, 59.94),
    encoder=Encoder("running", "m2m"),
    usb=Usb("configured"),
    viewers=Viewers(2),
    control=Control("alice", 3),
    network=Network("inkvm-4f2a", ("192.168.100.200", V6)),
)


def claimed(device: Device, url: str, code: str = "K7WQ-M2XD") -> Device:
    return replace(device, claim=Claim(url, code))


PAGES: dict[str, Page] = {
    **samples(),
    "typical": page(TYPICAL, OWN),
    "typical with port": page(replace(TYPICAL, network=Network("kvm", ("192.168.100.200", V6), 65535)), OWN),
    "typical with fault": page(replace(TYPICAL, health=Health(faults=("hid: /dev/hidg0 is gone",))), OWN),
    "typical, long reason": page(replace(TYPICAL, signal=LONGEST.signal), OWN),
    "longest": page(LONGEST, OWN),
    "longest, IPv4": page(replace(LONGEST, network=Network("h" * 63, ("192.168.100.200",), 65535)), OWN),
    "missing": page(Device(), OWN),
    "missing, no host": page(Device(network=Network("", ())), Own("")),
    "set-up, longest IPv4": page(claimed(LONGEST, "https://192.168.100.200:65535/#K7WQ-M2XD"), OWN),
    "set-up, IPv6": page(claimed(LONGEST, f"https://[{V6}]:65535/#K7WQ-M2XD"), OWN),
    "set-up, no address": page(claimed(Device(), ""), OWN),
    "set-up, long code": page(claimed(TYPICAL, "https://192.168.1.42/#x", "correct-horse-battery-staple"), OWN),
    **{silence.value: page(silence, Own("h" * 63)) for silence in Silence},
    "stopped, long": stopped(Own("h" * 63)),
}


@pytest.fixture(scope="module")
def view() -> View:
    return View(Terminus())


def overlap(one: Box, two: Box) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def inside(inner: Box, outer: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def check(items: list[Item]) -> None:
    """Nothing leaves the glass, nothing covers anything, and white text is on black."""
    assert all(inside(item.box, (0, 0, WIDTH, HEIGHT)) for item in items), items
    blocks = [item for item in items if isinstance(item, Block)]
    white = [item for item in items if isinstance(item, Text) and item.white]
    others = [item for item in items if item not in white]
    for one, two in (*combinations(others, 2), *combinations(white, 2)):
        assert not overlap(one.box, two.box), (one, two)
    for text in white:
        assert any(inside(text.box, block.box) for block in blocks), text


@pytest.mark.parametrize("stamp", [STAMP, LONGEST_STAMP, "boot 1 + 0 min"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_overlaps_or_is_clipped(name, stamp):
    check(layout(PAGES[name], stamp))


words = st.text(max_size=70)
addresses = st.lists(st.one_of(st.ip_addresses().map(str), words.filter(bool)), max_size=3).map(tuple)
devices = st.builds(
    Device,
    signal=st.builds(
        Signal, st.sampled_from(["unknown", "no_signal", "locked"]), st.just(1920), st.just(1080), reason=words
    ),
    card=st.none() | st.builds(Card, words, words, st.tuples(words), st.just(()) | st.tuples(words, words)),
    encoder=st.builds(Encoder, st.sampled_from(["running", "stalled"]), st.just("m2m"), words),
    viewers=st.builds(Viewers, st.integers(0, 10**6)),
    control=st.builds(Control, st.none() | words),
    network=st.builds(
        Network,
        words,
        st.none() | addresses,
        st.sampled_from([443, 8443, 65535]),
        words,
        words,
        st.none() | st.integers(0, 100),
        words,
    ),
    health=st.builds(
        Health, words, st.just(()) | st.tuples(words), st.none() | st.floats(-20, 120), st.none() | st.booleans()
    ),
    trust=st.builds(Trust, st.just("") | st.just(FINGERPRINT) | words),
    panel=st.builds(Panel, st.sampled_from(["", "fingerprint"])),
    thumbnail=st.none() | st.builds(Thumbnail, st.sampled_from([30, 96, 120, 500]), st.integers(1, 72), st.just("00")),
    claim=st.none() | st.builds(Claim, words | words.map(lambda text: f"https://{text}"), words),
)


@settings(max_examples=300 * EFFORT)
@given(devices, st.none() | addresses)
def test_nothing_overlaps_whatever_the_daemon_says(device, own):
    check(layout(page(device, Own("kvm", own)), LONGEST_STAMP))


silences = st.builds(
    page,
    st.sampled_from(Silence),
    st.builds(Own, words, st.none() | addresses, words, st.none() | st.integers(0, 99999), words),
)


@settings(max_examples=100 * EFFORT)
@given(silences)
def test_nothing_overlaps_whatever_the_panel_knows(shown):
    check(layout(shown, LONGEST_STAMP))


@settings(max_examples=200 * EFFORT)
@given(st.ip_addresses(), st.sampled_from([443, 8443, 65535]))
def test_address_is_large_and_whole(address, port):
    network, asked = Network("kvm", (str(address),), port), Panel("fingerprint")
    known = replace(TYPICAL, trust=Trust(FINGERPRINT), panel=asked)
    pages = [page(replace(device, network=network), OWN) for device in (TYPICAL, LONGEST, known)]
    pages += [page(silence, Own("kvm", (str(address),))) for silence in Silence]
    assert {type(shown) for shown in pages} == {Ready, Problem, Certificate, Notice}
    for shown in pages:
        title = getattr(shown, "title", "")
        big = [item for item in layout(shown, STAMP) if isinstance(item, Text) and item.size >= 20]
        assert "".join(item.text for item in big).replace(title, "") == shown.address


@pytest.mark.parametrize("reason", ["", "wrong password", "n" * 32 + " is on 5 GHz only"])
def test_the_access_point_s_address_is_large_and_whole(reason):
    shown = page(Device(hotspot=Hotspot("inkvm-4f2a", "k7wqm2xd9pzr", "10.42.0.1", reason)), OWN)
    (address,) = (item for item in layout(shown, STAMP) if isinstance(item, Text) and item.size >= 20)
    assert address.text == shown.address


@settings(max_examples=100 * EFFORT)
@given(st.ip_addresses(), st.sampled_from(["", ":8443", ":65535"]))
def test_set_up_address_and_code_are_large_and_whole(address, port):
    host = f"[{address}]" if address.version == 6 else str(address)
    shown = page(claimed(TYPICAL, f"https://{host}{port}/#K7WQ-M2XD"), OWN)
    big = [item for item in layout(shown, STAMP) if isinstance(item, Text) and item.size >= 20]
    assert "".join(item.text for item in big) == f"{host}{port}K7WQ-M2XD"


@pytest.mark.parametrize("name", PAGES)
def test_ink_stays_in_its_box(view, name):
    picture = view.picture(PAGES[name], STAMP)
    assert (picture.mode, picture.size) == ("1", (250, 122))
    rest = picture.copy()
    draw = ImageDraw.Draw(rest)
    for item in layout(PAGES[name], STAMP):
        left, top, right, bottom = item.box
        assert (
            isinstance(item, Block | Modules | Bitmap)
            or not item.text.strip()
            or picture.crop(item.box).convert("L").getextrema() == (0, 255)
        ), item
        draw.rectangle((left, top, right - 1, bottom - 1), fill=1)
    assert rest.convert("L").getextrema() == (255, 255)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_says_when(name):
    assert any(isinstance(item, Text) and item.text == STAMP for item in layout(PAGES[name], STAMP))


@pytest.mark.parametrize("name", samples())
def test_glass_equals_the_picture(view, name):
    glass: list[bytes] = []
    now = iter(range(10**6))
    simulated = SimulatedPanel(glass.append, lambda: float(next(now)))

    async def no_sleep(seconds: float) -> None:
        return

    display = Display(lambda: simulated, v4, lambda: 0.0, no_sleep)
    shown = samples()[name]
    asyncio.run(display.full(view.frame(shown, STAMP)))
    assert (
        ImageChops.difference(unpack(glass[-1]).convert("L"), view.picture(shown, STAMP).convert("L")).getbbox() is None
    )


@pytest.mark.parametrize("name", samples())
def test_golden_pictures(view, name):
    """Made by `python3 -m tests.epaper.pictures`, and looked at."""
    with Image.open(GOLDEN / f"{name}.png") as golden:
        difference = ImageChops.difference(golden.convert("L"), view.picture(samples()[name], STAMP).convert("L"))
    assert difference.getbbox() is None


def test_there_is_no_golden_picture_of_a_page_that_is_gone():
    assert {file.stem for file in GOLDEN.glob("*.png")} == set(samples())


def test_every_page_comes_usual_longest_and_with_values_missing():
    kinds = {"starting", "set-up", "join", "ready", "in-use", "problem", "refused", "certificate", "stopped"}
    assert {kind + form for kind in kinds for form in ("", "-longest", "-missing")} <= set(samples())


@pytest.mark.parametrize("name", samples())
def test_every_qr_in_the_golden_pictures_is_read_back(name):
    shown = samples()[name]
    codes = [item for item in layout(shown, STAMP) if isinstance(item, Modules)]
    assert bool(codes) == (
        name
        in {
            "set-up",
            "set-up-card",
            "set-up-no-gateway",
            "set-up-v6",
            "join",
            "join-again",
            "join-cable",
            "join-missing",
        }
    )
    with Image.open(GOLDEN / f"{name}.png") as picture:
        assert [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))] == [
            getattr(shown, "code", "") if name.startswith("join") else shown.urls[name == "set-up-v6"]
            for _code in codes
        ]


@pytest.mark.parametrize("card", [None, Card(ignored=("wpa_supplicant.conf", "ssh")), Card(ignored=("ssh",))])
@pytest.mark.parametrize("name", ["", "kvm.local"])
@pytest.mark.parametrize("host", ["192.168.1.42", "192.168.100.200:65535", f"[{V6}]", f"[{V6}]:65535"])
def test_fingerprint_has_at_least_eight_bytes_on_the_set_up_page(host, name, card):
    device = replace(claimed(TYPICAL, f"https://{host}/#K7WQM-2XD9P"), trust=Trust(FINGERPRINT), card=card)
    shown = page(replace(device, network=replace(device.network, name=name)), OWN)
    texts = [item.text for item in layout(shown, STAMP) if isinstance(item, Text)]
    at = next(number for number, text in enumerate(texts) if text.startswith("SHA-256 "))
    start = "".join(texts[at : at + 2]).removeprefix("SHA-256 ")
    assert start.endswith("…")  # it is the beginning, and says so
    start = start.removesuffix("…")
    assert FINGERPRINT.startswith(start)
    assert len(start.rstrip(":").split(":")) >= 8


@pytest.mark.parametrize(
    ("code", "card", "line"),
    [
        ("K7WQM-2XD9P", None, "1920\u00d71080, USB ok"),
        ("K7WQM-2XD9P", Card(ignored=("user-data", "ssh")), "ignored: user-data, ssh"),
        ("K7WQ-M2XD", Card(ignored=("ssh",)), "ignored: ssh"),
    ],
)
def test_what_is_ignored_on_the_card_stands_on_the_set_up_page_for_the_cables(code, card, line):
    device = claimed(replace(TYPICAL, trust=Trust(FINGERPRINT), card=card), f"https://192.168.1.42/#{code}", code)
    assert any(isinstance(item, Text) and item.text == line for item in layout(page(device, OWN), STAMP))


def test_fingerprint_is_whole_on_demand():
    shown = page(replace(TYPICAL, trust=Trust(FINGERPRINT), panel=Panel("fingerprint")), OWN)
    lines = [item.text for item in layout(shown, STAMP) if isinstance(item, Text) and item.text[2:3] == ":"]
    assert "".join(lines) == FINGERPRINT
    assert [line.rstrip(":").count(":") + 1 for line in lines] == [8, 8, 8, 8]


NAMED = replace(TYPICAL, network=Network("kvm", ("192.168.100.200",), name="inkvm-4f2a.local"))
INVITED = Hotspot("inkvm-4f2a", "k7wqm2xd9pzr", "10.42.0.1")


@pytest.mark.parametrize(
    "device",
    [
        claimed(NAMED, "https://192.168.1.42/#K7WQM-2XD9P", "K7WQM-2XD9P"),
        claimed(NAMED, "https://192.168.100.200/#K7WQM-2XD9P", "K7WQM-2XD9P"),
        claimed(NAMED, "https://10.0.0.2:8443/#K7WQM-2XD9P", "K7WQM-2XD9P"),
        claimed(NAMED, f"https://[{V6}]/#K7WQM-2XD9P", "K7WQM-2XD9P"),
        replace(NAMED, hotspot=replace(INVITED, ssid="another")),
        replace(NAMED, hotspot=replace(INVITED, ssid="another", reason="wrong password")),
        replace(NAMED, hotspot=replace(INVITED, reason="wrong password for workshop")),
        replace(NAMED, trust=Trust(FINGERPRINT), panel=Panel("fingerprint")),
    ],
)
def test_every_page_with_a_code_or_a_fingerprint_says_of_which_device_it_is(device):
    shown = page(replace(device, trust=Trust(FINGERPRINT)), OWN)
    items = layout(shown, STAMP)
    assert isinstance(shown, Certificate) or any(isinstance(item, Modules) for item in items)
    assert "inkvm-4f2a" in "".join(item.text for item in items if isinstance(item, Text))


@settings(max_examples=50 * EFFORT)
@given(st.ip_addresses(v=4), st.sampled_from(["ignored-1.txt", "card takes no more writes, changes are lost"]))
def test_beside_the_code_for_any_ipv4_address_all_that_is_needed_is_whole(address, note):
    device = replace(claimed(NAMED, f"https://{address}/#K7WQM-2XD9P", "K7WQM-2XD9P"), trust=Trust(FINGERPRINT))
    shown = replace(page(device, OWN), note=note)
    items = layout(shown, STAMP)
    texts = [item.text for item in items if isinstance(item, Text)]
    assert {"inkvm-4f2a.local", STAMP, str(address), "claim code", "K7WQM-2XD9P"} <= set(texts)
    assert note in " ".join(texts)
    assert any(isinstance(item, Modules) for item in items)
    check(items)


@pytest.mark.parametrize("host", ["rack-3-in-the-north-{}.local", "{}-rack-3-in-the-north.local"])
@pytest.mark.parametrize("name", [name for name, shown in PAGES.items() if not isinstance(shown, SetUp | Join)])
def test_two_devices_with_long_names_are_told_apart(name, host):
    one, two = (layout(replace(PAGES[name], host=host.format(which)), STAMP) for which in "ab")
    assert one != two


@pytest.mark.parametrize("port", [443, 65535])
def test_a_second_address_is_whole_or_not_there(port):
    shown = page(replace(TYPICAL, network=Network("kvm", ("192.168.100.200", V6), port)), OWN)
    small = [item.text for item in layout(shown, STAMP) if isinstance(item, Text) and item.text.startswith("[2001:")]
    assert small == ([f"[{V6}]"] if port == 443 else [])


def test_why_there_is_no_address_is_whole():
    reason = "n" * 32 + " is on 5 GHz only, which this radio cannot join"
    device = Device(network=Network(addresses=(), reason=reason))
    for shown in (page(device, OWN), page(claimed(device, ""), OWN)):
        assert f"no network: {reason}" in " ".join(item.text for item in layout(shown, STAMP) if isinstance(item, Text))


def test_thumbnail_is_on_the_glass_bit_by_bit(view):
    shown = samples()["ready-thumbnail"]
    (bitmap,) = (item for item in layout(shown, STAMP) if isinstance(item, Bitmap))
    assert view.picture(shown, STAMP).crop(bitmap.box).tobytes() == bytes.fromhex(shown.thumbnail.rows)


def test_frame_is_turned_and_padded_with_white(view):
    frame = view.frame(stopped(OWN), STAMP)
    assert len(frame) == panel.FRAME_BYTES
    # The header is the landscape picture's top, which is the left edge of each portrait row; the bar fills 17 pixels.
    assert frame[:2] == b"\x00\x00"
    assert all(row & 0x3F == 0x3F for row in frame[15::16])


@pytest.mark.parametrize(
    "url",
    [
        "https://192.168.1.42/#K7WQ-M2XD",
        "https://192.168.100.200:65535/#claim=K7WQ-M2XD",
        "https://inkvm-4f2a.local/#" + "x" * 27,
    ],
)
def test_qr_is_read_back(view, url):
    shown = page(claimed(TYPICAL, url), OWN)
    (code,) = (item for item in layout(shown, STAMP) if isinstance(item, Modules))
    assert code.scale >= 3
    (result,) = zxingcpp.read_barcodes(view.picture(shown, STAMP).convert("L"))
    assert result.text == url


@pytest.mark.parametrize("port", ["", ":8443"])
def test_where_the_address_is_too_long_for_a_readable_qr_the_published_name_has_one(view, port):
    network = Network("inkvm-4f2a", (V6,), int(port[1:] or 443), "inkvm-4f2a.local")
    shown = page(replace(claimed(TYPICAL, f"https://[{V6}]{port}/#K7WQM-2XD9P"), network=network), OWN)
    (result,) = zxingcpp.read_barcodes(view.picture(shown, STAMP).convert("L"))
    assert result.text == f"https://inkvm-4f2a.local{port}/#K7WQM-2XD9P"
    big = [item.text for item in layout(shown, STAMP) if isinstance(item, Text) and item.size >= 20]
    assert "".join(big[:2]) == f"inkvm-4f2a.local{port}"


def test_url_too_long_for_a_readable_qr_is_text_alone(view):
    url = f"https://[{V6}]/#claim=K7WQ-M2XD"
    shown = page(claimed(TYPICAL, url), OWN)
    assert isinstance(shown, SetUp)
    assert not any(isinstance(item, Modules) for item in layout(shown, STAMP))


@pytest.mark.parametrize("length", [4, 9, 16, 17, 28])
def test_code_is_never_cut(length):
    secret = "K7WQ-M2XD-9PRT-4HJS-6BNA-W3C"[:length]
    shown = page(claimed(TYPICAL, "https://192.168.100.200/", secret), OWN)
    assert any(isinstance(item, Text) and item.text == secret and item.size >= 16 for item in layout(shown, STAMP))


def test_missing_font_is_one_clear_line(tmp_path):
    with pytest.raises(FontMissing, match=r"terminus-normal\.otb is missing; install the package fonts-terminus-otb"):
        Terminus(tmp_path)
