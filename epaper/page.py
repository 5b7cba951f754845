"""What the glass says: the status in words, one frozen value per kind of page. Pure; `view` draws them.

Two pages are equal when there is no reason to draw again. `headline` is what people wait for.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

from app import cable
from app.status import Claim, Device, Hotspot, Network, Thumbnail
from epaper import words
from epaper.address import HTTPS, first, pair
from epaper.news import News, Silence
from epaper.own import Own
from epaper.steady import bars
from epaper.trouble import Notice, Problem, failing, note, refused, silent

_ALONE = "on the USB cable, and nowhere else"
"""Beside the device's address there, when it has no other."""


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
    network: str
    """Beside an address: what is wrong with the network all the same; empty mostly."""
    hdmi: str
    usb: str
    heat: str
    """Empty unless notable."""
    web: str
    in_use: bool
    """Somebody watches or controls."""
    card: str
    """What there is to say about the card; empty mostly."""
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
    note: str = ""
    """What is wrong with the network, or what there is to say about the card, instead; empty mostly."""
    live: ClassVar[bool] = True

    @property
    def headline(self) -> Hashable:
        """All but the last line."""
        return SetUp, self.host, self.urls, self.address, self.code, self.fingerprint


@dataclass(frozen=True, slots=True)
class Join:
    """The device has no network and offers one of its own: how to join it, and where its page is."""

    host: str
    ssid: str
    passphrase: str
    code: str
    """What a telephone's camera joins by."""
    address: str
    """Of the page, as typed into a browser."""
    reason: str
    """Why the network that was chosen there could not be joined; before the first attempt how else to get in, why the network that
    is known is not joined, or what there is to say about the card."""
    live: ClassVar[bool] = True

    @property
    def headline(self) -> Hashable:
        """All of it."""
        return self


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


Page = Ready | SetUp | Join | Certificate | Notice | Problem


def page(news: News, own: Own) -> Page:
    """The page for `news` and what the panel knows by itself."""
    if isinstance(news, Silence):
        return silent(news, own)
    host = news.network.name or news.network.hostname or own.host
    addresses = news.network.addresses if own.addresses is None else own.addresses
    if news.card is not None and news.card.refusal:
        return refused(news.card, host, first(addresses, news.network.port))
    if news.hotspot is not None:
        return _join(news.hotspot, host, _by_cable(news, addresses) or news.hotspot.known or note(news))
    if news.claim is not None:
        return _set_up(news, news.claim, host, addresses)
    if news.panel.show == "fingerprint" and news.trust.fingerprint:
        return Certificate(host, first(addresses, news.network.port), news.trust.fingerprint)
    address = first(addresses, news.network.port)
    return failing(news, host, address) or _ready(news, host, addresses)


def _by_cable(device: Device, addresses: tuple[str, ...] | None) -> str:
    """The other way to set the device up, for who sits at the other end of the cable; empty where there is none."""
    if device.claim is None or cable.ADDRESS not in (addresses or ()):
        return ""
    return f"by USB: {first((cable.ADDRESS,), device.network.port)}, claim code {device.claim.code}"


def _join(hotspot: Hotspot, host: str, other: str) -> Join:
    """Source of the code: WPA3 specification 3.3, section 7, which took the form over from ZXing."""
    name, key = (re.sub(r'([\\;,:"])', r"\\\1", text) for text in (hotspot.ssid, hotspot.passphrase))
    code = f"WIFI:T:WPA;S:{name};P:{key};;"
    return Join(host, hotspot.ssid, hotspot.passphrase, code, hotspot.address, hotspot.reason or other)


def _set_up(device: Device, claim: Claim, host: str, addresses: tuple[str, ...] | None) -> SetUp:
    scheme, _, rest = claim.url.partition("://")
    there, mark, fragment = rest.partition("#")
    address = there.rstrip("/")
    fingerprint, state = device.trust.fingerprint, words.brief(device.signal, device.usb)
    if not address or addresses == ():
        why = "looking for an address" if addresses else _no_address(device.network)  # the daemon is about to learn it
        return SetUp(host, (), why, claim.code, fingerprint, state, note(device))
    if addresses == (cable.ADDRESS,):  # no camera is at the other end
        why = f"{_ALONE}: {device.network.reason}" if device.network.reason else _ALONE
        return SetUp(host, (), f"{scheme}://{address}", claim.code, fingerprint, state, note(device) or why)
    named = f"{scheme}://{_named(device.network)}/{mark}{fragment}" if device.network.name else ""
    urls = (claim.url, named) if named else (claim.url,)
    return SetUp(host, urls, address, claim.code, fingerprint, state, device.network.reason or note(device))


def _named(network: Network) -> str:
    return network.name if network.port == HTTPS else f"{network.name}:{network.port}"


def _ready(device: Device, host: str, addresses: tuple[str, ...] | None) -> Ready:
    address, other = pair(addresses, device.network.port)
    network, alone = device.network, addresses == (cable.ADDRESS,)
    in_use = device.viewers.count > 0 or device.control.holder is not None
    return Ready(
        host=host,
        address=address,
        no_address="" if address else "looking for an address" if addresses is None else _no_address(network),
        other=_ALONE if alone else other,
        wifi=network.wifi,
        bars=bars(network.strength) if network.wifi and network.strength is not None else None,
        network=network.reason if address else "",
        hdmi=words.hdmi(device.signal),
        usb=words.usb(device.usb),
        heat=words.heat(device.health),
        web=words.web(device.viewers, device.control),
        in_use=in_use,
        card=note(device),
        thumbnail=device.thumbnail,
        signal=device.signal.state == "locked",
    )


def _no_address(network: Network) -> str:
    return f"no network: {network.reason}" if network.reason else "no network address"
