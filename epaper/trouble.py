"""Pages of trouble: what stands on the glass instead of a status, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

from app.status import Card, Device
from epaper.address import HTTPS, first
from epaper.news import Silence
from epaper.own import Own


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


_ONCE_MORE = "If this page stays, pull the power and plug it in again."
_SILENCES = {
    Silence.LATE: ("Daemon not running", "It does not come up by itself. Pull the power and plug it in again."),
    Silence.GONE: ("Daemon not running", "No picture, keyboard or mouse until it is back. It starts again by itself."),
    Silence.MUTE: ("Daemon not answering", f"It runs, but does not say in what state it is. {_ONCE_MORE}"),
    Silence.GARBLED: ("Status not understood", "Daemon and panel are of different versions. Write the card anew."),
}


def silent(silence: Silence, own: Own) -> Notice:
    """The page for a daemon that does not say anything, or a panel that cannot be used as it is set."""
    address = first(own.addresses, HTTPS)
    if own.complaint:
        what, _, accepted = own.complaint.partition(", expected ")
        return Problem(own.host, what, f"Expected {accepted}." if accepted else "Mend the settings.", address)
    if silence is not Silence.STARTING:
        what, remedy = _SILENCES[silence]
        return Problem(own.host, what, remedy, address)
    version = f"version {own.version}" if own.version else ""
    boots = f"start number {own.boots}" if own.boots is not None else ""
    foot = ", ".join(words for words in (version, boots) if words)
    detail = "The page will soon be there:" if address else "The address appears here as soon as there is one."
    return Notice(own.host, "Starting", detail, address, foot)


def stopped(own: Own) -> Notice:
    """The last page: what stays on the glass without power. It shows no address, which may be another's tomorrow."""
    return Notice(own.host, "Stopped", "This page is not updated until the next start.")


def refused(card: Card, host: str, address: str) -> Problem:
    """The page for a customisation file that is not applied: what is wrong with it, and what it may say."""
    what, _, accepted = card.refusal.partition(", expected ")
    remedy = f"Mend {card.file} on the card."  # first, as what is expected may be longer than the glass
    return Problem(host, what, f"{remedy} Expected: {accepted}." if accepted else remedy, address)


def note(device: Device) -> str:
    """What there is to say about the card while all works, in few words; nothing mostly."""
    card = device.card or Card()
    ignored = f"ignored: {', '.join(card.ignored)}" if card.ignored else ""
    notes = [words for words in (device.health.loss, ignored, *card.warnings) if words]
    return f"{notes[0]} (+{len(notes) - 1})" if len(notes) > 1 else "".join(notes)


def failing(device: Device, host: str, address: str) -> Problem | None:
    """The page for a device that says itself what does not work, or nothing."""
    faults, encoder = [fault for fault in device.health.faults if fault != device.health.loss], device.encoder
    if encoder.state in {"stalled", "failed"}:
        faults.insert(0, f"encoder {encoder.state}: {encoder.reason}" if encoder.reason else f"encoder {encoder.state}")
    if not faults:
        return None
    more, parts = (f" (+{len(faults) - 1})", "these parts") if len(faults) > 1 else ("", "this part")
    return Problem(host, faults[0] + more, f"The device tries to start {parts} again. {_ONCE_MORE}", address)
