"""What the glass says: the status in words, one frozen value per kind of page. Pure; `view` draws them.

Two pages are equal when there is no reason to draw again. `headline` is what people wait for.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

from app.status import Claim, Control, Device, Encoder, Health, Network, Signal, Viewers
from epaper.link import News, Silence

HTTPS = 443


@dataclass(frozen=True, slots=True)
class Ready:
    """The device works: where it is, and what it sees."""

    host: str
    address: str
    """As typed into a browser; empty while there is none, then `no_address` says why."""
    no_address: str
    other: str
    """A second address, or empty."""
    hdmi: str
    usb: str
    web: str
    fault: str
    """What is broken, or empty."""
    signal: bool
    live: ClassVar[bool] = True

    @property
    def headline(self) -> Hashable:
        """Where it is, and whether there is a picture."""
        return Ready, self.address, self.no_address, self.other, self.signal


@dataclass(frozen=True, slots=True)
class SetUp:
    """Nobody owns the device yet: how to become its administrator."""

    host: str
    url: str
    """As a QR code carries it, with the code in the fragment where the daemon puts it there; empty while unknown."""
    address: str
    """The URL as typed, without scheme, fragment and final slash; or why there is none."""
    user: str
    code: str
    live: ClassVar[bool] = True

    @property
    def headline(self) -> Hashable:
        """All of it."""
        return self


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to say instead of a status."""

    host: str
    title: str
    detail: str
    live: ClassVar[bool] = False

    @property
    def headline(self) -> Hashable:
        """All of it."""
        return self


Page = Ready | SetUp | Notice

_SILENCES = {
    Silence.STARTING: ("Starting", "The address appears here as soon as the device is ready."),
    Silence.LATE: ("Daemon not running", "It has not come up since the start. Its log says why."),
    Silence.GONE: ("Daemon not running", "No picture, keyboard or mouse until it is back."),
    Silence.MUTE: ("Daemon not answering", "It runs, but does not say in what state it is."),
    Silence.GARBLED: ("Status not understood", "The daemon and the panel's service do not fit together."),
}


def page(news: News, host: str) -> Page:
    """The page for `news`; `host` names the device while nobody else does."""
    if isinstance(news, Silence):
        return Notice(host, *_SILENCES[news])
    if news.claim is not None:
        return _set_up(news.claim, news.network.hostname or host)
    return _ready(news, host)


def stopped(host: str) -> Page:
    """The last page: what stays on the glass without power."""
    return Notice(host, "Stopped", "This page is not updated until the next start.")


def _set_up(claim: Claim, host: str) -> SetUp:
    address = claim.url.partition("://")[2].partition("#")[0].rstrip("/")
    return SetUp(host, claim.url if address else "", address or "no network address", "admin", claim.code)


def _ready(device: Device, host: str) -> Ready:
    address, no_address, other = _addresses(device.network)
    return Ready(
        host=device.network.hostname or host,
        address=address,
        no_address=no_address,
        other=other,
        hdmi=_hdmi(device.signal),
        usb=_USB[device.usb.state],
        web=_web(device.viewers, device.control),
        fault=_fault(device.encoder, device.health),
        signal=device.signal.state == "locked",
    )


def _addresses(network: Network) -> tuple[str, str, str]:
    """First address, why there is none, second address (of the other family where there is one)."""
    if network.addresses is None:
        return "", "looking for an address", ""
    if not network.addresses:
        return "", "no network address", ""
    first, *others = network.addresses
    others.sort(key=lambda address: (":" in address) == (":" in first))
    second = _typed(others[0], network.port) if others else ""
    return _typed(first, network.port), "", second


def _typed(address: str, port: int) -> str:
    """An address as a browser's address bar takes it after https://."""
    try:
        host = ipaddress.ip_address(address)
    except ValueError:  # not ours to judge: show what the daemon says
        return address
    text = f"[{host.compressed}]" if host.version == 6 else host.compressed
    return text if port == HTTPS else f"{text}:{port}"


# Short enough for one large line, which the daemon's reasons are not.
_SIGNALS = {
    "no_power": "cable out or target off",
    "no_signal": "target sends no picture",
    "no_lock": "picture unstable",
}


def _hdmi(signal: Signal) -> str:
    if signal.state == "unknown":
        return signal.reason or "not checked yet"
    if signal.state == "unsupported":
        return f"not supported: {signal.reason}" if signal.reason else "mode not supported"
    if signal.state != "locked":
        return _SIGNALS[signal.state]
    rate = f", {round(signal.fps, 2):g} Hz" if signal.fps > 0 else ""
    return f"{signal.width}×{signal.height}{rate}"  # noqa: RUF001 - the multiplication sign is meant


_USB = {
    "unknown": "not checked yet",
    "absent": "no USB controller",
    "not attached": "cable out or target off",
    "attached": "target does not answer",
    "powered": "target does not answer",
    "reconnecting": "connecting",
    "unauthenticated": "not allowed by target",
    "default": "connecting",
    "addressed": "connecting",
    "configured": "connected",
    "suspended": "target asleep",
}


def _web(viewers: Viewers, control: Control) -> str:
    if viewers.count == 0 and control.holder is None:
        return "nobody is watching"
    watching = "1 viewer" if viewers.count == 1 else f"{viewers.count} viewers"
    return f"{watching}, {control.holder} controls" if control.holder is not None else f"{watching}, none controls"


def _fault(encoder: Encoder, health: Health) -> str:
    faults = list(health.faults)
    if encoder.state in {"stalled", "failed"}:
        faults.insert(0, f"encoder {encoder.state}: {encoder.reason}" if encoder.reason else f"encoder {encoder.state}")
    more = f" (+{len(faults) - 1})" if len(faults) > 1 else ""
    return faults[0] + more if faults else ""
