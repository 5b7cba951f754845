"""What the board's HDMI receiver can carry: the TC358743 bridge, and the CSI-2 lanes from it to the processor.

Sources: the kernel's drivers/media/i2c/tc358743.c (`tc358743_timings_cap`, `tc358743_num_csi_lanes_needed`) and the
device tree overlay of the same name.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.video.modes import Mode

WIDTHS = range(640, 1921)
HEIGHTS = range(350, 1201)
CLOCKS = range(13_000_000, 165_000_001)
"""Hz."""
_BITS_PER_PIXEL = 16
"""UYVY, the only format that the pipeline asks for."""


@dataclass(frozen=True, slots=True)
class Link:
    """The lanes between bridge and processor, and the bits per second that one carries."""

    lanes: int
    rate: int

    def needs(self, mode: Mode) -> int:
        """How many lanes a mode takes. Only the pixels that are seen travel, blanking does not."""
        return -(-mode.width * mode.height * mode.fps * _BITS_PER_PIXEL // self.rate)


BOARD = Link(2, 972_000_000)
"""The overlay's defaults on a board whose connector has two lanes: a link frequency of 486 MHz at two bits a cycle."""


def refusal(mode: Mode, link: Link | None, clock: int | None = None) -> str:
    """Why a mode cannot be received, in words for the user; empty when it can.

    Without a link nothing limits the rate; the pixel clock in Hz matters where it is known.
    """
    if mode.interlaced:
        return f"{mode.width}x{mode.height} is interlaced, the input takes whole frames only"
    if mode.width not in WIDTHS or mode.height not in HEIGHTS:
        return f"{mode} is outside what the input takes, 640x350 to 1920x1200"
    if clock is not None and clock not in CLOCKS:
        return f"{mode} has a pixel clock of {clock / 1e6:g} MHz, the input takes 13 to 165"
    if link is not None and link.needs(mode) > link.lanes:
        return f"{mode} needs {link.needs(mode)} CSI lanes, this board has {link.lanes}"
    return ""
