"""A made-up device for each page: what `--page` draws, for the README and for looking at a layout."""

from __future__ import annotations

from dataclasses import replace

from app.status import Claim, Control, Device, Encoder, Network, Signal, Usb, Viewers
from epaper.link import Silence
from epaper.page import Page, page, stopped

HOST = "inkvm-4f2a"
STAMP = "as of 20 Nov 09:03 UTC"


def samples() -> dict[str, Page]:
    """By the name that `--page` takes."""
    ready = Device(
        signal=Signal("locked", 1920, 1080, 50.0),
        encoder=Encoder("running", "m2m"),
        usb=Usb("configured"),
        viewers=Viewers(2),
        control=Control("alice", 3),
        network=Network(HOST, ("192.168.1.42", "2001:db8:85a3::8a2e:370:7334")),
    )
    no_signal = replace(
        ready, signal=Signal("no_power"), usb=Usb("suspended"), viewers=Viewers(0), control=Control(),
        network=Network(HOST, ("192.168.100.200",)),
    )  # fmt: skip
    claim = Claim("https://192.168.1.42/", "K7WQ-M2XD-9PRT")
    return {
        "starting": page(Silence.STARTING, HOST),
        "set-up": page(replace(ready, claim=claim), HOST),
        "ready": page(ready, HOST),
        "no-signal": page(no_signal, HOST),
        "daemon-down": page(Silence.GONE, HOST),
        "stopped": stopped(HOST),
    }
