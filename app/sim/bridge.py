"""The simulated TC358743 and its cable, as the chip's driver shows them to the capture node. Pure: time is the caller's.

After the kernel's drivers/media/i2c/tc358743.c as it runs on the board, with no interrupt line: what the chip notices is looked
at now and then. The cable's end is `plug` and `send`; the target drives it only while it sees hot plug.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from app.video.edid import BLOCK, BLOCKS_MAX
from app.video.receiver import CLOCKS, HEIGHTS, WIDTHS
from app.video.timings import Timings

POLL = 1_000_000
"""The driver's own latency (POLL_INTERVAL_MS), in microseconds."""
HOT_PLUG = 100_000
"""Microseconds from loading an EDID to hot plug going up (HZ / 10)."""
POWER_ON = Timings(640, 480, 25_175_000, hsync=160, vsync=45)
"""What the driver begins with."""
_NO_TIMINGS = Timings(0, 0, 0)

Picture = Timings | Literal["off", "unstable"]
"""What comes over the cable: a mode, nothing at all, or a clock without sync."""


def fail(code: int) -> OSError:
    """The kernel's error."""
    return OSError(code, os.strerror(code))


class Bridge:
    """The chip.

    Args:
        clock: microseconds, monotonic.
        latency: microseconds between two looks at the chip.
    """

    def __init__(self, clock: Callable[[], int], latency: int = POLL) -> None:
        self._clock = clock
        self._latency = latency
        self._powered = False
        self._sent: Picture = "off"
        self._memory = b""
        self._blocks = 0
        self._hot_plug_at: int | None = None
        self._polled = clock()
        self._noted: tuple[bool, Picture] = (False, "off")
        self.power_seen = False
        """+5 V as the driver last saw it."""
        self.timings = POWER_ON
        """What the driver has been set to."""
        self.muted = True
        """Whether the chip holds the pixels back."""
        self.barren = False
        """Whether it measures a mode, and nothing of it reaches the processor."""

    def plug(self, powered: bool) -> None:
        """The cable's +5 V."""
        self._powered = powered

    def send(self, picture: Picture) -> None:
        """What the target sends while it sees a display."""
        self._sent = picture

    def power_cycle(self) -> None:
        """The chip loses its memory, and the driver does not know."""
        self._memory = bytes(len(self._memory))
        self._hot_plug_at = None
        self.muted = True

    @property
    def hot_plug(self) -> bool:
        """Whether the target sees a display."""
        return self._powered and self._hot_plug_at is not None and self._clock() >= self._hot_plug_at

    @property
    def received(self) -> Picture:
        """What arrives."""
        return self._sent if self.hot_plug else "off"

    @property
    def flowing(self) -> bool:
        """Whether pixels of the mode that was set go out to the processor."""
        return (
            not (self.muted or self.barren)
            and isinstance(self.received, Timings)
            and self._detected(self.received) == self.timings
        )

    def poll(self) -> bool:
        """The driver's second has passed, or not yet; whether it announces a change of the source."""
        if self._clock() - self._polled < self._latency:
            return False
        self._polled = self._clock()
        (had_power, before), now = self._noted, self.received
        self._noted = self._powered, now
        self.power_seen = self._powered
        if had_power and not self._powered:
            # Interrupts go off with the supply: the frames end, and nobody says why.
            self._hot_plug_at, self.timings = None, _NO_TIMINGS
            return False
        if self._powered and not had_power:
            self._raise_hot_plug()
        if now == before:
            return False
        if not isinstance(now, Timings) or self._detected(now) != self.timings:
            self.muted = True
        return True

    def edid(self) -> bytes:
        """G_EDID."""
        return self._memory[: self._blocks * BLOCK]

    def set_edid(self, edid: bytes) -> None:
        """S_EDID: hot plug goes down, and up again if there is anything to read."""
        blocks = len(edid) // BLOCK
        if blocks > BLOCKS_MAX:
            raise fail(errno.E2BIG)
        if not _valid_address(edid):
            raise fail(errno.EINVAL)
        self._hot_plug_at = None
        self._blocks = blocks
        self._memory = edid
        if blocks and self._powered:
            self._raise_hot_plug()

    def query(self) -> Timings:
        """QUERY_DV_TIMINGS."""
        if self.received == "off":
            raise fail(errno.ENOLINK)
        if not isinstance(self.received, Timings):
            raise fail(errno.ENOLCK)
        found = self._detected(self.received)
        _check(found)
        return found

    def set_timings(self, timings: Timings) -> bool:
        """S_DV_TIMINGS; whether they are other ones than before."""
        if timings == self.timings:
            return False
        _check(timings)
        self.timings, self.muted = timings, True
        return True

    def _raise_hot_plug(self) -> None:
        if self._blocks:
            self.power_seen = True
            if self._hot_plug_at is None:
                self._hot_plug_at = self._clock() + HOT_PLUG

    @staticmethod
    def _detected(sent: Timings) -> Timings:
        """The chip measures totals, and the frame's length in tenths of a millisecond: all blanking is sync, the rate a whole number."""
        across = sent.width + sent.hfrontporch + sent.hsync + sent.hbackporch
        down = sent.height + sent.vfrontporch + sent.vsync + sent.vbackporch
        interval = round(10_000 / sent.fps)
        fps = round(10_000 / interval)
        found = Timings(
            sent.width, sent.height, across * down * fps, sent.interlaced,
            hsync=across - sent.width, vsync=down - sent.height,
        )  # fmt: skip
        if not sent.interlaced:
            return found
        return replace(found, il_vsync=found.vsync + 1)


def _check(timings: Timings) -> None:
    fits = timings.width in WIDTHS and timings.height in HEIGHTS and timings.pixelclock in CLOCKS
    if not fits or timings.interlaced:
        raise fail(errno.ERANGE)


def _valid_address(edid: bytes) -> bool:
    """The kernel's v4l2_phys_addr_validate, for the first HDMI data block."""
    at = edid.find(b"\x03\x0c\x00", BLOCK)
    if at < 0 or at + 5 > len(edid):
        return True
    steps = [edid[at + 3] >> 4, edid[at + 3] & 15, edid[at + 4] >> 4, edid[at + 4] & 15]
    return not any(upper == 0 != lower for upper, lower in pairwise(steps))


def mode(width: int, height: int, fps: float) -> Timings:
    """A mode with the blanking of a modern display."""
    across, down = width + 160, height + max(20, height // 40)
    clock = round(across * down * fps)
    return Timings(
        width,
        height,
        clock,
        hfrontporch=48,
        hsync=32,
        hbackporch=80,
        vfrontporch=3,
        vsync=5,
        vbackporch=down - height - 8,
    )
