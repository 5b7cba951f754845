"""What a part of the device is called in few words. Pure."""

from __future__ import annotations

from app.status import Control, Health, Signal, Usb, Viewers
from epaper.typeset import shorten

HOT = 75
"""Degrees Celsius from which on it is worth a line."""
_LINE = 40
"""Characters of a small line across the glass."""

# Short enough for one large line, which the daemon's reasons are not.
_SIGNALS = {
    "no_power": "cable out or target off",
    "no_signal": "target sends no picture",
    "no_lock": "picture unstable",
}
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


def hdmi(signal: Signal) -> str:
    """What comes in, or why nothing does. The daemon's reason for a mode that it refuses names the mode, and needs the room."""
    if signal.state == "unknown":
        return signal.reason or "not checked yet"
    if signal.state == "unsupported":
        return signal.reason or "mode not supported"
    if signal.state != "locked":
        return _SIGNALS[signal.state]
    rate = f", {round(signal.fps, 2):g} Hz" if signal.fps > 0 else ""
    if signal.reason:
        rate = ": no frames arrive"
    return f"{_size(signal)}{rate}"


def usb(found: Usb) -> str:
    """How the cable to the target is."""
    return _USB[found.state]


def web(viewers: Viewers, control: Control) -> str:
    """Who watches, and who controls; of a name that is too long for one line, as much as the rest leaves."""
    watching = "1 viewer" if viewers.count == 1 else f"{viewers.count} viewers"
    if control.holder is not None:
        rest = f" controls, {watching}"
        return shorten(control.holder, _LINE - len(rest)) + rest
    return f"{watching}, nobody controls" if viewers.count else "nobody is watching"


def heat(health: Health) -> str:
    """A line when it is warm enough to matter, or slows the device down; also when nobody knows how warm."""
    warm = f"{health.temperature:.0f} °C" if health.temperature is not None else ""
    if health.slowed:
        return f"{warm}, slowed down" if warm else "slowed down"
    return warm if health.temperature is not None and health.temperature >= HOT else ""


def brief(signal: Signal, usb: Usb) -> str:
    """HDMI and USB in at most 22 characters."""
    picture = {"locked": _size(signal), "unknown": "HDMI ?", "unsupported": "bad HDMI"}.get(signal.state, "no HDMI")
    cable = {"configured": "USB ok", "unknown": "USB ?", "suspended": "USB asleep"}.get(usb.state, "no USB")
    return f"{picture}, {cable}"


def _size(signal: Signal) -> str:
    return f"{signal.width}×{signal.height}"  # noqa: RUF001 - the multiplication sign is meant
