"""The HDMI input behind a V4L2 capture node (the board's bridge behind its CSI receiver, vivid, or the simulated board)."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress

from app.status import Signal
from app.video import timings
from app.video.capture_node import CaptureNode
from app.video.frame import PixelFormat, RawFormat, RawFrame
from app.video.receiver import Link
from app.video.reported import Reported
from app.video.source import NoSignal, SourceError, SourceGone
from app.video.timings import Timings

_BUFFERS = 5
"""Two that the receiver fills in turn, one in the encoder, one that waits, and one that has just arrived."""


class V4L2Source:
    """Implements `app.video.source.Source`.

    Args:
        node: the capture node, the source's from now on.
        lanes: the lanes behind a driver, by its name; None where nothing is known to limit them.

    Raises:
        SourceError: it cannot be used; SourceGone if it is not there any more.
    """

    def __init__(self, node: CaptureNode, lanes: Callable[[str], Link | None]) -> None:
        self._node = node
        self._raw: RawFormat | None = None
        self._descriptors: tuple[int, ...] = ()
        try:
            with _reported("listen to the HDMI input"):
                driver, self.name = node.names()
                node.subscribe_source_change()
        except SourceError:
            node.close()
            raise
        self._link = lanes(driver)

    def fileno(self) -> int:
        """The node."""
        return self._node.fd

    def signal(self) -> Signal:
        """What QUERY_DV_TIMINGS says, and whether the lanes can carry it."""
        return self._query()[0]

    def offer(self, edid: bytes) -> None:
        """Load it unless it is there. The bridge's memory forgets when its power goes, and nobody tells."""
        with _reported("read the EDID back", timings.refused_edid):
            if self._node.edid() == edid:
                return
        with _reported("load the EDID", timings.refused_edid):
            self._node.set_edid(edid)

    def withdraw(self) -> None:
        """Without an EDID the bridge pulls hot plug low."""
        with _reported("clear the EDID", timings.refused_edid):
            self._node.set_edid(b"")

    def start(self) -> tuple[RawFormat, tuple[int, ...]]:
        """Adopt the timings, and stream UYVY into exported buffers."""
        signal, found = self._query()
        if signal.state != "locked" or found is None:
            raise NoSignal(signal.reason)
        mode = f"{signal.width}x{signal.height} at {signal.fps:g} Hz"
        try:
            with _reported(f"set {mode}"):
                self._node.set_timings(found)
                self._raw = self._set_format(signal)
            with _reported(f"get buffers for {mode}"):
                for index in range(self._node.request_buffers(_BUFFERS)):
                    self._descriptors += (self._node.export(index),)
                    self._node.queue(index)
            with _reported(f"stream {mode}", timings.refused_stream):
                self._node.stream(True)
        except SourceError:
            self.stop()
            raise
        return self._raw, self._descriptors

    def take(self) -> RawFrame | None:
        """The next filled buffer; one that the driver marks as damaged goes back unseen."""
        with _reported("take a frame"):
            while (filled := self._node.dequeue()) is not None:
                frame, damaged = filled
                if not damaged:
                    return frame
                self._node.queue(frame.index)
        return None

    def give(self, index: int) -> None:
        """Queue it again."""
        with _reported("give a buffer back"):
            self._node.queue(index)

    def changed(self) -> bool:
        """Whether a SOURCE_CHANGE event came."""
        with _reported("ask for events"):
            return self._node.source_changed()

    def stop(self) -> None:
        """End the stream and free the buffers; a device that is gone has done so itself."""
        if self._raw is None:
            return
        self._raw = None
        with suppress(SourceGone), _reported("stop the stream"):
            try:
                self._node.stream(False)
            finally:
                for descriptor in self._descriptors:
                    os.close(descriptor)
                self._descriptors = ()
                # In any case: with buffers left the next mode could not be set.
                self._node.request_buffers(0)

    def close(self) -> None:
        """Stop and close the node."""
        try:
            self.stop()
        finally:
            self._node.close()

    def _query(self) -> tuple[Signal, Timings | None]:
        """The signal, and the driver's own timings if there are any."""
        try:
            found = self._node.query_timings()
        except OSError as error:
            if error.errno == errno.ENODEV:
                raise SourceGone("the HDMI input is gone") from error
            with _reported("ask for +5 V"):
                return timings.absent(error.errno or 0, self._node.power_present()), None
        return timings.present(found, self._link), found

    def _set_format(self, signal: Signal) -> RawFormat:
        stride = timings.bytesperline(signal.width)
        wanted = PixelFormat(signal.width, signal.height, "UYVY", stride, stride * signal.height)
        got = self._node.set_format(wanted)
        if (got.width, got.height, got.fourcc) != (wanted.width, wanted.height, wanted.fourcc):
            raise SourceError(
                f"asked for {wanted.width}x{wanted.height} UYVY, got {got.width}x{got.height} {got.fourcc}"
            )
        return RawFormat(got.width, got.height, got.fourcc, got.bytesperline, got.sizeimage, signal.fps)


def _reported(what: str, explain: Callable[[int], str] = os.strerror) -> Reported:
    """Turn the kernel's errors into the source's."""

    def translate(error: OSError) -> SourceError:
        if error.errno == errno.ENODEV:
            return SourceGone("the HDMI input is gone")
        return SourceError(f"cannot {what}: {explain(error.errno or 0)}")

    return Reported(translate)
