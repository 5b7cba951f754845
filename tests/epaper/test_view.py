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
    Claim,
    Control,
    Device,
    Encoder,
    Health,
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
from epaper.layout import HEIGHT, WIDTH, layout
from epaper.link import Silence
from epaper.page import Own, Page, SetUp, page, stopped
from epaper.picture import unpack
from epaper.sample import STAMP, samples
from epaper.sim import SimulatedPanel
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
    thumbnail=st.none() | st.builds(Thumbnail, st.just(96), st.integers(1, 72), st.just("00")),
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
    for device in (TYPICAL, LONGEST):
        shown = page(replace(device, network=Network("kvm", (str(address),), port)), OWN)
        big = [item for item in layout(shown, STAMP) if isinstance(item, Text) and item.size >= 20]
        assert "".join(item.text for item in big) == shown.address


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
    kinds = {"starting", "set-up", "ready", "in-use", "problem", "certificate", "stopped"}
    assert {kind + form for kind in kinds for form in ("", "-longest", "-missing")} <= set(samples())


@pytest.mark.parametrize("name", samples())
def test_every_qr_in_the_golden_pictures_is_read_back(name):
    shown = samples()[name]
    codes = [item for item in layout(shown, STAMP) if isinstance(item, Modules)]
    assert bool(codes) == (name == "set-up")
    with Image.open(GOLDEN / f"{name}.png") as picture:
        assert [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))] == [
            *getattr(shown, "urls", ())[:1]
        ] * len(codes)


def test_fingerprint_has_at_least_eight_bytes_on_the_set_up_page_and_all_on_demand():
    for host in ("192.168.1.42", "192.168.100.200:65535", f"[{V6}]:65535"):
        shown = page(replace(claimed(TYPICAL, f"https://{host}/#K7WQM-2XD9P"), trust=Trust(FINGERPRINT)), OWN)
        texts = [item.text for item in layout(shown, STAMP) if isinstance(item, Text)]
        at = next(number for number, text in enumerate(texts) if text.startswith("SHA-256 "))
        start = "".join(texts[at : at + 2]).removeprefix("SHA-256 ")
        assert FINGERPRINT.startswith(start)
        assert len(start.rstrip(":").split(":")) >= 8
    shown = page(replace(TYPICAL, trust=Trust(FINGERPRINT), panel=Panel("fingerprint")), OWN)
    assert FINGERPRINT in "".join(item.text for item in layout(shown, STAMP) if isinstance(item, Text))


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
