"""Made-up devices for every page: what `--page` draws, for the README and for looking at a layout.

Each page has three forms: as it usually is, with everything as long as it gets, and with what can be missing missing.
"""

from __future__ import annotations

from dataclasses import replace

from app import cable
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
from epaper.news import Silence
from epaper.own import Own
from epaper.page import Page, page
from epaper.trouble import stopped

STAMP = "as of 20 Nov 26 09:03Z"
OWN = Own("inkvm-4f2a", ("192.168.1.42", "2001:db8:85a3::8a2e:370:7334"), "0.1.0", 17)
_LONG = Own("h" * 63, ("2001:db85:1234:5678:9abc:def0:1234:5678",), "12.34.56", 12345)
_NOTHING = Own("")
_FINGERPRINT = ":".join(f"{(37 * number + 138) % 256:02X}" for number in range(32))
_URL = "https://192.168.1.42/#"
_CODE = "K7WQM-2XD9P"
_V6 = "[2001:db8:85a3:1234:5678:9abc:def0:1234]"

_USUAL = Device(
    signal=Signal("locked", 1920, 1080, 50.0),
    encoder=Encoder("running", "m2m"),
    usb=Usb("configured"),
    network=Network(name="inkvm-4f2a.local", wifi="workshop", strength=75),
    health=Health("0.1.0"),
    trust=Trust(_FINGERPRINT),
)
_LONGEST = Device(
    signal=Signal("unsupported", 1920, 1200, 60.0, "1920x1200 at 60 Hz needs 4 CSI lanes, this board has 2"),
    encoder=Encoder("running", "m2m"),
    usb=Usb("not attached"),
    network=Network(name="h" * 63 + ".local", port=65535, wifi="n" * 32, strength=100),
    health=Health("12.34.56", temperature=80, slowed=True),
    trust=Trust(_FINGERPRINT),
)
_WIFI = "key 'wifi.password' has value (not shown), expected 8 to 63 bytes without control characters, or 64 hexadecimal digits"
_KEYS = (
    f"key 'ssh.authorized_keys' has value ['{'k' * 55}..., "
    "expected a list of public keys such as 'ssh-ed25519 AAAA... ann@laptop', without options"
)
_LOSS = "card takes no more writes, changes are lost"
_IGNORED = Card(ignored=("wpa_supplicant.conf", "ssh"))
_HOTSPOT = Hotspot("inkvm-4f2a", "k7wqm2xd9pzr", "10.42.0.1")
_LONG_HOTSPOT = Hotspot(
    ";" * 32, ":" * 63, "192.168.100.200", "n" * 32 + " is on 5 GHz only, which this radio cannot join"
)
_BY_CABLE = replace(OWN, addresses=(cable.ADDRESS,))
_WIRED = replace(_USUAL, network=Network(name="inkvm-4f2a.local", reason="wrong password for workshop"))
_NO_WAY_OUT = replace(_USUAL, network=replace(_USUAL.network, reason="no gateway on wlan0"))
_CROWD = Control("a-user-with-a-name-that-is-rather-long", 1)


def samples() -> dict[str, Page]:
    """By the name that `--page` takes."""
    stalled = "no picture from the encoder for 2 s"
    failed = f"{stalled}; only a reboot helps, and the last was less than an hour ago: cut the power"
    on_demand = Panel("fingerprint")
    return {
        "starting": page(Silence.STARTING, replace(OWN, addresses=())),
        "starting-longest": page(Silence.STARTING, _LONG),
        "starting-missing": page(Silence.STARTING, _NOTHING),
        "set-up": page(_claimed(_USUAL, _URL + _CODE), OWN),
        "set-up-longest": page(_claimed(_LONGEST, f"https://[{(_LONG.addresses or ('',))[0]}]:65535/#{_CODE}"), _LONG),
        "set-up-v6": page(
            replace(_claimed(_USUAL, f"https://{_V6}/#{_CODE}"), card=_IGNORED), replace(OWN, addresses=(_V6,))
        ),
        "set-up-missing": page(_claimed(Device(), ""), _NOTHING),
        "join": page(replace(_USUAL, hotspot=_HOTSPOT, claim=Claim(_URL + _CODE, _CODE)), OWN),
        "join-longest": page(replace(_LONGEST, hotspot=_LONG_HOTSPOT), _LONG),
        "join-missing": page(Device(hotspot=Hotspot("i", "p", "")), _NOTHING),
        "join-again": page(replace(_USUAL, hotspot=replace(_HOTSPOT, reason="wrong password for workshop")), OWN),
        "ready": page(_USUAL, OWN),
        "ready-longest": page(_LONGEST, _LONG),
        "ready-missing": page(Device(network=Network(reason="wrong Wi-Fi password")), replace(_NOTHING, addresses=())),
        "ready-thumbnail": page(replace(_USUAL, thumbnail=_screen()), OWN),
        "no-signal-thumbnail": page(replace(_USUAL, thumbnail=_screen(), signal=Signal("no_signal")), _only_v4()),
        "no-signal": page(replace(_USUAL, signal=Signal("no_power"), usb=Usb("suspended")), _only_v4()),
        "in-use": page(replace(_USUAL, viewers=Viewers(2), control=Control("alice", 3)), OWN),
        "in-use-longest": page(replace(_LONGEST, viewers=Viewers(1000), control=_CROWD), _LONG),
        "in-use-missing": page(Device(viewers=Viewers(1)), _NOTHING),
        "problem": page(replace(_USUAL, encoder=Encoder("stalled", "m2m", stalled)), OWN),
        "problem-longest": page(replace(_LONGEST, encoder=Encoder("failed", "m2m", failed)), _LONG),
        "problem-missing": page(Silence.GONE, _NOTHING),
        "refused": page(replace(_USUAL, card=_refused(_WIFI)), replace(OWN, addresses=())),
        "refused-longest": page(replace(_LONGEST, card=_refused(_KEYS)), _LONG),
        "refused-missing": page(Device(card=_refused("inkvm.toml is a folder, expected a file")), _NOTHING),
        "set-up-card": page(replace(_claimed(_USUAL, _URL + _CODE), card=_IGNORED), OWN),
        "set-up-no-gateway": page(_claimed(_NO_WAY_OUT, _URL + _CODE), OWN),
        "ready-no-gateway": page(_NO_WAY_OUT, OWN),
        "in-use-no-gateway": page(replace(_NO_WAY_OUT, viewers=Viewers(2), control=Control("alice", 3)), OWN),
        "ready-card": page(replace(_USUAL, card=_IGNORED), OWN),
        "ready-lost": page(replace(_USUAL, health=Health("0.1.0", (_LOSS,), loss=_LOSS)), OWN),
        "set-up-cable": page(_claimed(_WIRED, f"https://{cable.ADDRESS}/#{_CODE}"), _BY_CABLE),
        "join-cable": page(replace(_claimed(_WIRED, _URL), hotspot=_HOTSPOT), _BY_CABLE),
        "ready-cable": page(_WIRED, _BY_CABLE),
        "daemon-down": page(Silence.GONE, OWN),
        "certificate": page(replace(_USUAL, panel=on_demand), OWN),
        "certificate-longest": page(replace(_LONGEST, panel=on_demand), _LONG),
        "certificate-missing": page(replace(Device(), trust=Trust(_FINGERPRINT), panel=on_demand), _NOTHING),
        "stopped": stopped(OWN),
        "stopped-longest": stopped(_LONG),
        "stopped-missing": stopped(_NOTHING),
    }


def _claimed(device: Device, url: str) -> Device:
    return replace(device, claim=Claim(url, _CODE))


def _refused(words: str) -> Card:
    return Card("inkvm.toml", words)


def _only_v4() -> Own:
    return replace(OWN, addresses=("192.168.100.200",))


def _screen() -> Thumbnail:
    """A text screen of 96 x 54: white lines of different lengths on black."""
    lit = {(x, y) for y in range(4, 50, 4) for x in range(4, 4 + (y * 37) % 80) if x % 5}
    rows = [[int((x, y) in lit) for x in range(96)] for y in range(54)]
    data = bytes(sum(bit << (7 - at) for at, bit in enumerate(row[x : x + 8])) for row in rows for x in range(0, 96, 8))
    return Thumbnail(96, 54, data.hex())
