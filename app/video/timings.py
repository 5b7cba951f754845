"""What DV timings, and the errors of asking for them, mean for the signal."""

from __future__ import annotations

import errno

from app.status import Signal

STRIDE = 64
"""The board's encoder takes UYVY rows of a multiple of this many bytes (bcm2835-codec), its receiver any of 32."""


def bytesperline(width: int) -> int:
    """The row length of UYVY that capture and encoder agree on."""
    return -(-width * 2 // STRIDE) * STRIDE


def present(width: int, height: int, interlaced: bool, pixel_clock: int, total: int) -> Signal:
    """A mode that the input has locked to: `total` pixels a frame, blanking included, and a clock in Hz."""
    fps = round(pixel_clock / total, 2) if total else 0.0
    if interlaced:
        return Signal("unsupported", width, height, fps, "interlaced")
    return Signal("locked", width, height, fps)


def absent(error: int, power: bool | None) -> Signal:
    """Why there are no timings.

    Args:
        error: the errno of VIDIOC_QUERY_DV_TIMINGS; its meanings are that ioctl's documentation's.
        power: whether the cable brings +5 V; None when the input cannot tell.
    """
    if error == errno.ENOLINK and power is False:
        return Signal("no_power", reason="HDMI cable out, or the target is off")
    if error == errno.ENOLINK:
        return Signal("no_signal", reason="the target sends no picture")
    if error == errno.ENOLCK:
        return Signal("no_lock", reason="the picture is unstable, or its cable bad")
    if error == errno.ERANGE:
        return Signal("unsupported", reason="the mode is outside what the input can take")
    if error == errno.ENOTTY:
        return Signal(
            "unsupported", reason="the input does not know timings (is media-controller=1 set in config.txt?)"
        )
    return Signal("unknown", reason=f"asking for the timings failed: {errno.errorcode.get(error, error)}")
