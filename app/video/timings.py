"""What DV timings, and the errors of asking for them, mean for the signal."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass

from app.status import Signal
from app.video.modes import Mode
from app.video.receiver import Link, refusal

STRIDE = 64
"""The board's encoder takes UYVY rows of a multiple of this many bytes (bcm2835-codec), its receiver any of 32."""


NO_TIMINGS = "the input does not know timings: remove media-controller=1 from dtoverlay=tc358743 in config.txt"


@dataclass(frozen=True, slots=True)
class Timings:
    """The kernel's `v4l2_bt_timings`, by its own names; an HDMI receiver may put the whole blanking into the syncs."""

    width: int
    height: int
    pixelclock: int
    """Hz."""
    interlaced: int = 0
    polarities: int = 0
    hfrontporch: int = 0
    hsync: int = 0
    hbackporch: int = 0
    vfrontporch: int = 0
    vsync: int = 0
    vbackporch: int = 0
    il_vfrontporch: int = 0
    il_vsync: int = 0
    il_vbackporch: int = 0
    standards: int = 0
    flags: int = 0

    @property
    def fps(self) -> float:
        """Frames per second, 0.0 when they do not say."""
        across = self.width + self.hfrontporch + self.hsync + self.hbackporch
        down = self.height + self.vfrontporch + self.vsync + self.vbackporch
        down += self.il_vfrontporch + self.il_vsync + self.il_vbackporch
        return round(self.pixelclock / (across * down), 2) if across * down else 0.0


def bytesperline(width: int) -> int:
    """The row length of UYVY that capture and encoder agree on."""
    return -(-width * 2 // STRIDE) * STRIDE


def present(timings: Timings, link: Link | None) -> Signal:
    """A mode that the input has locked to; None for lanes that nothing is known about."""
    mode = Mode(timings.width, timings.height, round(timings.fps), bool(timings.interlaced))
    words = refusal(mode, link)
    return Signal("unsupported" if words else "locked", timings.width, timings.height, timings.fps, words)


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
        return Signal("unsupported", reason=NO_TIMINGS)
    return Signal("unknown", reason=f"asking for the timings failed: {errno.errorcode.get(error, error)}")


def refused_edid(error: int) -> str:
    """Why VIDIOC_S_EDID failed, in words for the user. Sources: that ioctl's documentation; tc358743.c, tc358743_s_edid."""
    words = {
        errno.E2BIG: "it has more blocks than the bridge holds",
        errno.EINVAL: "its CEC physical address is invalid",
        errno.EBUSY: "it cannot be changed while the picture streams",
        errno.ENOTTY: NO_TIMINGS,
    }
    return words.get(error, os.strerror(error))


def refused_stream(error: int) -> str:
    """Why VIDIOC_STREAMON failed, in words for the user. The board's receiver says EINVAL to more lanes than it has."""
    return f"{os.strerror(error)}{'; the mode may be too fast for the receiver' * (error == errno.EINVAL)}"
