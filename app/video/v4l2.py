"""The HDMI input: a V4L2 capture node whose input has DV timings (the board's bridge behind its CSI receiver, or vivid)."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from linuxpy.video import raw

from app.status import Signal
from app.video import timings
from app.video.frame import RawFormat, RawFrame
from app.video.node import Node
from app.video.source import NoSignal, SourceError, SourceGone

_BUFFERS = 5
"""Two that the receiver fills in turn, one in the encoder, one that waits, and one that has just arrived."""


def find_capture(sysfs: Path = Path("/sys"), dev: Path = Path("/dev")) -> Path:
    """The node of the HDMI input, by what it can do: numbers change from boot to boot. Raises SourceError."""
    names = [path.name for path in (sysfs / "class/video4linux").glob("video*")]
    refused = []
    for name in sorted(names, key=lambda name: int(name.removeprefix("video"))):
        try:
            node = Node(dev / name)
        except OSError as error:
            refused.append(f"{name}: {error.strerror}")
            continue
        try:
            if node.has_dv_timings():
                return dev / name
        except OSError as error:
            # ENOTTY and EINVAL: it has no inputs to ask for.
            if error.errno not in (errno.ENOTTY, errno.EINVAL):
                refused.append(f"{name}: {error.strerror}")
        finally:
            node.close()
    raise SourceError(f"no HDMI input among {len(names)} video devices{''.join(f'; {words}' for words in refused)}")


class V4L2Source:
    """Implements `app.video.source.Source`.

    Args:
        path: the capture node.

    Raises:
        SourceError: it cannot be opened; SourceGone if it is not there any more.
    """

    def __init__(self, path: Path) -> None:
        with _reported(f"open {path}"):
            self._node = Node(path)
        self._raw: RawFormat | None = None
        self._descriptors: tuple[int, ...] = ()
        try:
            with _reported(f"listen to {path}"):
                self.name = self._node.capability().card.decode()
                self._node.subscribe_source_change()
        except SourceError:
            self._node.close()
            raise

    def fileno(self) -> int:
        """The node."""
        return self._node.fd

    def signal(self) -> Signal:
        """What QUERY_DV_TIMINGS says."""
        return self._query()[0]

    def start(self) -> tuple[RawFormat, tuple[int, ...]]:
        """Adopt the timings, and stream UYVY into exported buffers."""
        signal, found = self._query()
        if signal.state != "locked":
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
            # The board's receiver says EINVAL here to a mode that needs more CSI lanes than it has.
            with _reported(f"stream {mode}", "it may be too fast for the receiver"):
                self._node.stream(True)
        except SourceError:
            self.stop()
            raise
        return self._raw, self._descriptors

    def take(self) -> RawFrame | None:
        """The next filled buffer; one that the driver marks as damaged goes back unseen."""
        with _reported("take a frame"):
            while (buffer := self._node.dequeue()) is not None:
                if not buffer.flags & raw.BufferFlag.ERROR:
                    captured = buffer.timestamp.secs * 1_000_000 + buffer.timestamp.usecs
                    return RawFrame(buffer.index, buffer.bytesused, captured, buffer.sequence)
                self._node.queue(buffer.index)
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
            self._node.request_buffers(0)

    def close(self) -> None:
        """Stop and close the node."""
        self.stop()
        self._node.close()

    def _query(self) -> tuple[Signal, Any]:
        """The signal, and the driver's own timings if there are any."""
        try:
            found = self._node.query_timings()
        except OSError as error:
            if error.errno == errno.ENODEV:
                raise SourceGone("the HDMI input is gone") from error
            with _reported("ask for +5 V"):
                return timings.absent(error.errno or 0, self._node.power_present()), None
        bt = found.bt
        horizontal = (bt.width, bt.hfrontporch, bt.hsync, bt.hbackporch)
        vertical = (bt.height, bt.vfrontporch, bt.vsync, bt.vbackporch)
        second_field = (bt.il_vfrontporch, bt.il_vsync, bt.il_vbackporch)
        total = sum(horizontal) * (sum(vertical) + sum(second_field))
        return timings.present(bt.width, bt.height, bool(bt.interlaced), bt.pixelclock, total), found

    def _set_format(self, signal: Signal) -> RawFormat:
        uyvy = raw.PixelFormat.UYVY
        got = self._node.set_format(signal.width, signal.height, uyvy, timings.bytesperline(signal.width))
        if (got.pixelformat, got.width, got.height) != (uyvy, signal.width, signal.height):
            fourcc = got.pixelformat.to_bytes(4, "little").decode(errors="replace")
            raise SourceError(f"asked for {signal.width}x{signal.height} UYVY, got {got.width}x{got.height} {fourcc}")
        return RawFormat(got.width, got.height, "UYVY", got.bytesperline, got.sizeimage, signal.fps)


@contextmanager
def _reported(what: str, hint: str = "") -> Iterator[None]:
    """Turn the kernel's errors into the source's."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENODEV:
            raise SourceGone("the HDMI input is gone") from error
        words = f"cannot {what}: {error.strerror}"
        raise SourceError(f"{words}; {hint}" if hint else words) from error
