from __future__ import annotations

import json

import pytest

from app import status, status_line
from app.status import (
    Card,
    Claim,
    Control,
    Delivery,
    Device,
    Health,
    Hotspot,
    Jiggling,
    Network,
    Panel,
    Paste,
    Signal,
    Thumbnail,
    Time,
    Trust,
    Usb,
    Viewers,
)  # fmt: skip


def test_a_device_survives_the_status_socket() -> None:
    device = Device(
        signal=Signal("locked", 1280, 720, 60.0),
        usb=Usb("not attached", ("num", "caps")),
        control=Control("admin", 3),
        paste=Paste(3, 17, 400, "control was given back"),
        jiggling=Jiggling(True),
        viewers=Viewers(
            1,
            900_000,
            2,
            None,
            (Delivery(4, "jpeg", slide_show=True, fps=4.5, median_ms=81.5, histogram=(0, 7), late=3),),
        ),
        network=Network("inkvm", ("192.0.2.7", "2001:db8::7"), 8443, "inkvm.local", "shop", 55, "no reason"),
        health=Health("1.0", ("hid: gone",), 61.5, True),
        time=Time(True),
        trust=Trust("AA:BB"),
        panel=Panel("fingerprint"),
        thumbnail=Thumbnail(8, 1, "f0"),
        claim=Claim("https://inkvm/", "abcd-efgh"),
        hotspot=Hotspot("inkvm-4f2a", "set me up", "10.42.0.1", "wrong password for shop"),
    )
    assert status_line.from_json(status_line.to_json(device)) == device


def test_nothing_known_is_not_shown_as_known() -> None:
    device = status_line.from_json(b"{}")
    assert device.signal.state == "unknown"
    assert device.usb == Usb("unknown", None)
    assert device.network.addresses is None


def test_the_public_view_has_nothing_of_the_card() -> None:
    device = Device().with_part(Card("inkvm.toml", "key 'system.hostname' has value 'ann_s', expected letters"))
    assert "ann_s" in json.dumps(status.to_dict(device))
    assert "ann_s" not in json.dumps(status.to_dict(device.public()))


def test_the_public_view_has_neither_claim_nor_thumbnail() -> None:
    device = Device().with_part(Claim("https://inkvm/", "abcd-efgh"))
    assert device.claim is not None
    device = device.with_part(Thumbnail(8, 1, "f0f1"))
    assert "f0f1" not in json.dumps(status.to_dict(device.public()))
    assert "abcd-efgh" not in json.dumps(status.to_dict(device.public()))


def test_the_access_point_is_not_public_and_ends() -> None:
    device = Device().with_part(Hotspot("inkvm-4f2a", "set me up", "10.42.0.1"))
    assert device.hotspot is not None
    assert device.public().hotspot is None
    assert device.with_part(Hotspot("", "", "")).hotspot is None


def test_a_part_replaces_only_its_own_topic() -> None:
    device = Device().with_part(Signal("no_lock", reason="no sync"))
    assert device.signal == Signal("no_lock", reason="no sync")
    assert device.with_part(Control("a", 1)).signal == device.signal


def test_a_viewer_of_a_newer_daemon_is_read_as_far_as_it_is_known() -> None:
    line = b'{"viewers":{"count":1,"each":[{"number":1,"format":"h264","mood":"fine"}]}}'
    assert status_line.from_json(line).viewers == Viewers(1, each=(Delivery(1, "h264"),))


def test_keys_of_a_newer_daemon_are_skipped() -> None:
    assert status_line.from_json(b'{"signal":{"state":"no_lock","hdr":true},"weather":{}}').signal == Signal("no_lock")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"\xff", "status line is not JSON"),
        (b"[]", "status line is list, expected an object"),
        (b'{"signal":3}', "status key 'signal' has value 3, expected an object"),
        (b'{"signal":{"state":"fine"}}', "'signal.state' has value 'fine', expected one of unknown, no_power"),
        (b'{"signal":{"width":true}}', "'signal.width' has value True, expected int"),
        (b'{"health":{"slowed":1}}', "'health.slowed' has value 1, expected bool | None"),
        (b'{"health":{"temperature":true}}', "'health.temperature' has value True, expected float | None"),
        (
            b'{"viewers":{"each":[{"number":1,"format":"h264","histogram":[1,true]}]}}',
            "'viewers.each.0.histogram' has value [1, True], expected a list of whole numbers",
        ),
        (b'{"usb":{"leds":"num"}}', "'usb.leds' has value 'num', expected a list of strings"),
        (b'{"viewers":{"each":{}}}', "'viewers.each' has value {}, expected a list"),
        (b'{"viewers":{"each":[{"number":1}]}}', "status key 'viewers.each.0' is incomplete"),
        (
            b'{"viewers":{"each":[{"number":1,"format":"h264","slide_show":1}]}}',
            "'viewers.each.0.slide_show' has value 1",
        ),
        (b'{"claim":{"url":"u"}}', "status key 'claim' is incomplete"),
        (b'{"health":{"temperature":NaN}}', "'health.temperature' has value nan, expected a finite number"),
        (b'{"signal":{"fps":1e999}}', "'signal.fps' has value inf, expected a finite number"),
        (b'{"thumbnail":{"width":96,"height":54,"rows":"00"}}', "'thumbnail' has rows that are not 96 x 54 pixels"),
        (b'{"thumbnail":{"width":8,"height":1,"rows":" 0"}}', "'thumbnail' has rows that are not 8 x 1 pixels"),
        (b'{"thumbnail":{"width":0,"height":0,"rows":""}}', "'thumbnail' has rows that are not 0 x 0 pixels"),
    ],
)
def test_a_bad_line_says_what_is_wrong(line: bytes, words: str) -> None:
    with pytest.raises(ValueError, match="status") as caught:
        status_line.from_json(line)
    assert words in str(caught.value)
