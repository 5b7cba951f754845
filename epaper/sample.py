"""Made-up devices for every page: what `--page` draws, for the README and for looking at a layout.

Each page has three forms: as it usually is, with everything as long as it gets, and with what can be missing missing.
"""

from __future__ import annotations

from dataclasses import replace

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
from epaper.link import Silence
from epaper.page import Own, Page, page, stopped

STAMP = "as of 20 Nov 09:03 UTC"
OWN = Own("inkvm-4f2a", ("192.168.1.42", "2001:db8:85a3::8a2e:370:7334"), "0.1.0", 17)
_LONG = Own("h" * 63, ("2001:db85:1234:5678:9abc:def0:1234:5678",), "12.34.56", 12345)
_NOTHING = Own("")
_FINGERPRINT = ":".join(f"{(37 * number + 138) % 256:02X}" for number in range(32))
_URL = "https://192.168.1.42/#"
_CODE = "K7WQM-2XD9P"

_USUAL = Device(
    signal=Signal("locked", 1920, 1080, 50.0),
    encoder=Encoder("running", "m2m"),
    usb=Usb("configured"),
    network=Network(name="inkvm-4f2a.local", wifi="workshop", strength=75),
    health=Health("0.1.0"),
    trust=Trust(_FINGERPRINT),
)
_LONGEST = Device(
    signal=Signal("unsupported", 1920, 1200, 60.0, "1920x1200 at 60 Hz needs more than the two lanes this board has"),
    encoder=Encoder("running", "m2m"),
    usb=Usb("not attached"),
    network=Network(name="h" * 63 + ".local", port=65535, wifi="n" * 32, strength=100),
    health=Health("12.34.56", temperature=80, slowed=True),
    trust=Trust(_FINGERPRINT),
)
_CROWD = Control("a-user-with-a-name-that-is-rather-long", 1)


def samples() -> dict[str, Page]:
    """By the name that `--page` takes."""
    failed = Encoder("failed", "m2m", "the firmware does not answer since 14 s, a restart of the device is needed")
    on_demand = Panel("fingerprint")
    return {
        "starting": page(Silence.STARTING, replace(OWN, addresses=())),
        "starting-longest": page(Silence.STARTING, _LONG),
        "starting-missing": page(Silence.STARTING, _NOTHING),
        "set-up": page(_claimed(_USUAL, _URL + _CODE), OWN),
        "set-up-longest": page(_claimed(_LONGEST, f"https://[{(_LONG.addresses or ('',))[0]}]:65535/#{_CODE}"), _LONG),
        "set-up-missing": page(_claimed(Device(), ""), _NOTHING),
        "ready": page(_USUAL, OWN),
        "ready-longest": page(_LONGEST, _LONG),
        "ready-missing": page(Device(network=Network(reason="wrong Wi-Fi password")), replace(_NOTHING, addresses=())),
        "ready-thumbnail": page(replace(_USUAL, thumbnail=_screen()), OWN),
        "no-signal": page(replace(_USUAL, signal=Signal("no_power"), usb=Usb("suspended")), _only_v4()),
        "in-use": page(replace(_USUAL, viewers=Viewers(2), control=Control("alice", 3)), OWN),
        "in-use-longest": page(replace(_LONGEST, viewers=Viewers(1000), control=_CROWD), _LONG),
        "in-use-missing": page(Device(viewers=Viewers(1)), _NOTHING),
        "problem": page(replace(_USUAL, encoder=Encoder("stalled", "m2m", "no picture for 2 s")), OWN),
        "problem-longest": page(replace(_LONGEST, encoder=failed), _LONG),
        "problem-missing": page(Silence.GONE, _NOTHING),
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


def _only_v4() -> Own:
    return replace(OWN, addresses=("192.168.100.200",))


def _screen() -> Thumbnail:
    """A text screen of 96 x 54: white lines of different lengths on black."""
    lit = {(x, y) for y in range(4, 50, 4) for x in range(4, 4 + (y * 37) % 80) if x % 5}
    rows = [[int((x, y) in lit) for x in range(96)] for y in range(54)]
    data = bytes(sum(bit << (7 - at) for at, bit in enumerate(row[x : x + 8])) for row in rows for x in range(0, 96, 8))
    return Thumbnail(96, 54, data.hex())
