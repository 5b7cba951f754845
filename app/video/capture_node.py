"""What the HDMI source needs of a capture node: `node` is the kernel's, `app.sim.receiver` the simulated board's.

Every method may raise OSError with ENODEV once the device is gone, and otherwise with what is listed here. tests/contract holds both to it.
"""

from __future__ import annotations

from typing import Protocol

from app.video.frame import PixelFormat, RawFrame
from app.video.timings import Timings


class CaptureNode(Protocol):
    """An open node, not blocking; its buffers are exported as DMABUF descriptors and never mapped here."""

    fd: int
    """For poll: readable when a buffer is filled, exceptional (POLLPRI) when an event waits."""

    def names(self) -> tuple[str, str]:
        """Driver and card."""

    def power_present(self) -> bool | None:
        """+5 V on the cable; up to a second late."""

    def edid(self) -> bytes:
        """What is loaded now."""

    def set_edid(self, edid: bytes) -> None:
        """E2BIG: more blocks than fit. EINVAL: an invalid CEC physical address. EBUSY: buffers exist and the driver minds."""

    def query_timings(self) -> Timings:
        """ENOLINK: no TMDS clock. ENOLCK: no sync. ERANGE: beyond the receiver. ENOTTY: they are asked for elsewhere."""

    def set_timings(self, timings: Timings) -> None:
        """EBUSY: buffers exist. ERANGE: beyond the receiver. The same ones again do nothing; others put the format back."""

    def set_format(self, wanted: PixelFormat) -> PixelFormat:
        """EBUSY: buffers exist. What cannot be had is adjusted; a longer row is kept."""

    def request_buffers(self, count: int) -> int:
        """Possibly more than asked for; 0 frees them, exported descriptors stay valid."""

    def export(self, index: int) -> int:
        """EINVAL: there is no such buffer."""

    def queue(self, index: int) -> None:
        """EINVAL: there is no such buffer, or it is queued already."""

    def dequeue(self) -> tuple[RawFrame, bool] | None:
        """EINVAL: not streaming. EIO: the stream is broken."""

    def stream(self, on: bool) -> None:
        """EINVAL on start: no buffers, or (the board) too few lanes for the mode. Stopping takes all buffers back."""

    def subscribe_source_change(self) -> None:
        """From now on changes are announced."""

    def source_changed(self) -> bool:
        """Takes the events that wait."""

    def close(self) -> None:
        """Stops and frees; nothing else may be called after it."""
