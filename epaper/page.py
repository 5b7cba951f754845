"""What the glass says: the status in words, one frozen value per kind of page. Pure; `view` draws them.

Two pages are equal when there is no reason to draw again. `headline` is what people wait for.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

from app.status import Claim, Control, Device, Encoder, Health, Network, Signal, Thumbnail, Usb, Viewers
from epaper.link import News, Silence
from epaper.steady import bars

HTTPS = 443
HOT = 75
"""Degrees Celsius from which on it is worth a line."""


@dataclass(frozen=True, slots=True)
class Own:
    """What the panel's process knows without the daemon."""

    host: str
    addresses: tuple[str, ...] | None = None
    """The machine's, IPv4 first; None where the kernel cannot be asked. They outrank the daemon's, which may hang."""
    version: str = ""
    boots: int | None = None
    """How many starts the device has seen, this one included."""
    complaint: str = ""
    """What is wrong with the settings, or nothing."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The device works: where it is, what it sees, and who uses it."""

    host: str
    """Its name as published, else its own."""
    address: str
    """As typed into a browser; empty while there is none, then `no_address` says why."""
    no_address: str
    other: str
    """A second address, or empty."""
    wifi: str
    """The network's name, or empty."""
    bars: int | None
    """Of the Wi-Fi signal, 0 to 4."""
    hdmi: str
    usb: str
    heat: str
    """Empty unless notable."""
    web: str
    in_use: bool
    """Somebody watches or controls."""
    thumbnail: Thumbnail | None
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
    urls: tuple[str, ...]
    """As a QR code carries it, with the code in the fragment; the best first, and none while there is no address."""
    address: str
    """The URL as typed, without scheme, fragment and final slash; or why there is none."""
    code: str
    fingerprint: str
    """Of the certificate, as browsers print it; empty while it is not known."""
    state: str
    """HDMI and USB in few words."""
    live: ClassVar[bool] = True

    @property
    def headline(self) -> Hashable:
        """All but the last line."""
        return SetUp, self.host, self.urls, self.address, self.code, self.fingerprint


@dataclass(frozen=True, slots=True)
class Certificate:
    """On demand: what a browser should see of the certificate."""

    host: str
    address: str
    fingerprint: str
    live: ClassVar[bool] = True

    @property
    def headline(self) -> Hashable:
        """All of it."""
        return self


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to say instead of a status: in large, and in a few words more."""

    host: str
    title: str
    detail: str
    address: str = ""
    foot: str = ""
    live: ClassVar[bool] = False

    @property
    def headline(self) -> Hashable:
        """All of it."""
        return self


@dataclass(frozen=True, slots=True)
class Problem(Notice):
    """A Notice of what is wrong, in `title`, and of what to do, in `detail`."""

    live: ClassVar[bool] = True


Page = Ready | SetUp | Certificate | Notice | Problem

_ONCE_MORE = "If this stays, pull the power and plug it in again."
_SILENCES = {
    Silence.LATE: ("Daemon not running", f"It has not come up since the start. {_ONCE_MORE}"),
    Silence.GONE: ("Daemon not running", f"No picture, keyboard or mouse until it is back. {_ONCE_MORE}"),
    Silence.MUTE: ("Daemon not answering", f"It runs, but does not say in what state it is. {_ONCE_MORE}"),
    Silence.GARBLED: ("Status not understood", "Daemon and panel are of different versions. Write the card anew."),
}


def page(news: News, own: Own) -> Page:
    """The page for `news` and what the panel knows by itself."""
    if isinstance(news, Silence):
        return _silence(news, own)
    host = news.network.name or news.network.hostname or own.host
    addresses = news.network.addresses if own.addresses is None else own.addresses
    if news.claim is not None:
        return _set_up(news, news.claim, host, addresses)
    if news.panel.show == "fingerprint" and news.trust.fingerprint:
        return Certificate(host, _first(addresses, news.network.port), news.trust.fingerprint)
    fault = _fault(news.encoder, news.health)
    if fault:
        return Problem(
            host, fault, f"It is started again by itself. {_ONCE_MORE}", _first(addresses, news.network.port)
        )
    return _ready(news, host, addresses)


def stopped(own: Own) -> Page:
    """The last page: what stays on the glass without power. It shows no address, which may be another's tomorrow."""
    return Notice(own.host, "Stopped", "This page is not updated until the next start.")


def _silence(silence: Silence, own: Own) -> Page:
    address = _first(own.addresses, HTTPS)
    if own.complaint:
        what, _, accepted = own.complaint.partition(", expected ")
        return Problem(own.host, what, f"Expected {accepted}." if accepted else "Mend the settings.", address)
    if silence is not Silence.STARTING:
        what, remedy = _SILENCES[silence]
        return Problem(own.host, what, remedy, address)
    version = f"version {own.version}" if own.version else ""
    boots = f"start number {own.boots}" if own.boots is not None else ""
    foot = ", ".join(words for words in (version, boots) if words)
    detail = "Nothing answers there yet." if address else "The address appears here as soon as there is one."
    return Notice(own.host, "Starting", detail, address, foot)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _set_up(device: Device, claim: Claim, host: str, addresses: tuple[str, ...] | None) -> SetUp:
    scheme, _, rest = claim.url.partition("://")
    there, mark, fragment = rest.partition("#")
    address = there.rstrip("/")
    fingerprint, state = device.trust.fingerprint, _brief(device.signal, device.usb)
    if not address or addresses == ():
        return SetUp(host, (), _no_address(device.network), claim.code, fingerprint, state)
    named = f"{scheme}://{_named(device.network)}/{mark}{fragment}" if device.network.name else ""
    urls = (claim.url, named) if named else (claim.url,)
    return SetUp(host, urls, address, claim.code, fingerprint, state)


def _named(network: Network) -> str:
    return network.name if network.port == HTTPS else f"{network.name}:{network.port}"


def _brief(signal: Signal, usb: Usb) -> str:
    """HDMI and USB in at most 21 characters."""
    hdmi = {"locked": f"{signal.width}×{signal.height}", "unknown": "?"}.get(signal.state, "none")  # noqa: RUF001
    cable = {"configured": "ok", "unknown": "?", "suspended": "asleep"}.get(usb.state, "none")
    return f"HDMI {hdmi} USB {cable}"


def _ready(device: Device, host: str, addresses: tuple[str, ...] | None) -> Ready:
    first, other = _addresses(addresses, device.network.port)
    network = device.network
    in_use = device.viewers.count > 0 or device.control.holder is not None
    return Ready(
        host=host,
        address=first,
        no_address="" if first else "looking for an address" if addresses is None else _no_address(network),
        other=other,
        wifi=network.wifi,
        bars=bars(network.strength) if network.wifi and network.strength is not None else None,
        hdmi=_hdmi(device.signal),
        usb=_USB[device.usb.state],
        heat=_heat(device.health),
        web=_web(device.viewers, device.control),
        in_use=in_use,
        thumbnail=device.thumbnail,
        signal=device.signal.state == "locked",
    )


def _no_address(network: Network) -> str:
    return f"no network: {network.reason}" if network.reason else "no network address"


def _first(addresses: tuple[str, ...] | None, port: int) -> str:
    return _addresses(addresses, port)[0]


def _addresses(addresses: tuple[str, ...] | None, port: int) -> tuple[str, str]:
    """The first address and a second one (of the other family where there is one), empty where there is none."""
    if not addresses:
        return "", ""
    first, *others = addresses
    others.sort(key=lambda address: (":" in address) == (":" in first))
    return _typed(first, port), _typed(others[0], port) if others else ""


def _typed(address: str, port: int) -> str:
    """An address as a browser's address bar takes it after https://."""
    if not _is_address(address):  # not ours to judge: show what the daemon says
        return address
    host = ipaddress.ip_address(address)
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
    return f"{control.holder} controls, {watching}" if control.holder is not None else f"{watching}, none controls"


def _heat(health: Health) -> str:
    """A line when it is warm enough to matter, or slows the device down; also when nobody knows how warm."""
    warm = f"{health.temperature:.0f} °C" if health.temperature is not None else ""
    if health.slowed:
        return f"{warm}, slowed down" if warm else "slowed down"
    return warm if health.temperature is not None and health.temperature >= HOT else ""


def _fault(encoder: Encoder, health: Health) -> str:
    faults = list(health.faults)
    if encoder.state in {"stalled", "failed"}:
        faults.insert(0, f"encoder {encoder.state}: {encoder.reason}" if encoder.reason else f"encoder {encoder.state}")
    more = f" (+{len(faults) - 1})" if len(faults) > 1 else ""
    return faults[0] + more if faults else ""
