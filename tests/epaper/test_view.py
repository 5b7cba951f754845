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
    Signal,
    Usb,
    Viewers,
)
from epaper import panel, v4
from epaper.display import Display
from epaper.link import Silence
from epaper.page import Page, SetUp, page, stopped
from epaper.picture import unpack
from epaper.sample import STAMP, samples
from epaper.sim import SimulatedPanel
from epaper.typeface import FontMissing, Terminus
from epaper.typeset import Block, Box, Item, Modules, Text
from epaper.view import HEIGHT, WIDTH, View, layout

GOLDEN = Path(__file__).with_name("golden")
LONGEST_STAMP = "as of boot + 365 d 4 h"
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
    "typical": page(TYPICAL, "kvm"),
    "typical with port": page(replace(TYPICAL, network=Network("kvm", ("192.168.100.200", V6), 65535)), "kvm"),
    "typical with fault": page(replace(TYPICAL, health=Health(faults=("hid: /dev/hidg0 is gone",))), "kvm"),
    "typical, long reason": page(replace(TYPICAL, signal=LONGEST.signal), "kvm"),
    "longest": page(LONGEST, "kvm"),
    "longest, IPv4": page(replace(LONGEST, network=Network("h" * 63, ("192.168.100.200",), 65535)), "kvm"),
    "missing": page(Device(), "kvm"),
    "missing, no host": page(Device(network=Network("", ())), ""),
    "set-up, longest IPv4": page(claimed(LONGEST, "https://192.168.100.200:65535/#K7WQ-M2XD"), "kvm"),
    "set-up, IPv6": page(claimed(LONGEST, f"https://[{V6}]:65535/#K7WQ-M2XD"), "kvm"),
    "set-up, no address": page(claimed(Device(), ""), "kvm"),
    "set-up, long code": page(claimed(TYPICAL, "https://192.168.1.42/#x", "correct-horse-battery-staple"), "kvm"),
    **{silence.value: page(silence, "h" * 63) for silence in Silence},
    "stopped, long": stopped("h" * 63),
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


@pytest.mark.parametrize("stamp", [STAMP, LONGEST_STAMP, "as of boot + 0 min"])
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
    network=st.builds(Network, words, st.none() | addresses, st.sampled_from([443, 8443, 65535])),
    claim=st.none() | st.builds(Claim, words | words.map(lambda text: f"https://{text}"), words),
)


@settings(max_examples=300)
@given(devices)
def test_nothing_overlaps_whatever_the_daemon_says(device):
    check(layout(page(device, "kvm"), LONGEST_STAMP))


@settings(max_examples=200)
@given(st.ip_addresses(), st.sampled_from([443, 8443, 65535]))
def test_address_is_large_and_whole(address, port):
    for device in (TYPICAL, LONGEST):
        shown = page(replace(device, network=Network("kvm", (str(address),), port)), "kvm")
        big = [item for item in layout(shown, STAMP) if isinstance(item, Text) and item.size >= 20]
        assert "".join(item.text for item in big) == shown.address


@settings(max_examples=100)
@given(st.ip_addresses(), st.sampled_from(["", ":8443", ":65535"]))
def test_set_up_address_and_code_are_large_and_whole(address, port):
    host = f"[{address}]" if address.version == 6 else str(address)
    shown = page(claimed(TYPICAL, f"https://{host}{port}/#K7WQ-M2XD"), "kvm")
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
            isinstance(item, Block | Modules)
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
    """Made by `python3 -m epaper --page NAME --simulate tests/epaper/golden/NAME.png`, and looked at."""
    with Image.open(GOLDEN / f"{name}.png") as golden:
        difference = ImageChops.difference(golden.convert("L"), view.picture(samples()[name], STAMP).convert("L"))
    assert difference.getbbox() is None


def test_frame_is_turned_and_padded_with_white(view):
    frame = view.frame(stopped("kvm"), STAMP)
    assert len(frame) == panel.FRAME_BYTES
    # The header is the landscape picture's top, which is the left edge of each portrait row; the bar fills 18 pixels.
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
    shown = page(claimed(TYPICAL, url), "kvm")
    (code,) = (item for item in layout(shown, STAMP) if isinstance(item, Modules))
    assert code.scale >= 3
    (result,) = zxingcpp.read_barcodes(view.picture(shown, STAMP).convert("L"))
    assert result.text == url


def test_url_too_long_for_a_readable_qr_is_text_alone(view):
    url = f"https://[{V6}]/#claim=K7WQ-M2XD"
    shown = page(claimed(TYPICAL, url), "kvm")
    assert isinstance(shown, SetUp)
    assert not any(isinstance(item, Modules) for item in layout(shown, STAMP))


@pytest.mark.parametrize("length", [4, 9, 16, 17, 28])
def test_code_is_never_cut(length):
    secret = "K7WQ-M2XD-9PRT-4HJS-6BNA-W3C"[:length]
    shown = page(claimed(TYPICAL, "https://192.168.100.200/", secret), "kvm")
    assert any(isinstance(item, Text) and item.text == secret and item.size >= 16 for item in layout(shown, STAMP))


def test_missing_font_is_one_clear_line(tmp_path):
    with pytest.raises(FontMissing, match=r"terminus-normal\.otb is missing; install the package fonts-terminus-otb"):
        Terminus(tmp_path)
