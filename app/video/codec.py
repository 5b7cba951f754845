"""What `m2m` needs of a hardware encoder: one opened V4L2 memory-to-memory node, in words. `codec_node` and `app.sim` implement it.

It has two queues: raw frames go in by DMABUF, coded ones come out in buffers of the node's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from app.video.frame import PixelFormat

Control = Literal[
    "profile", "level", "bitrate_mode", "bitrate", "gop", "i_period", "header_mode", "repeat_header", "force_key",
]  # fmt: skip
"""The codec controls of V4L2 that are used here; their values are V4L2's."""


@dataclass(frozen=True, slots=True)
class Coded:
    """One filled buffer of the coded queue."""

    index: int
    bytesused: int
    captured_us: int
    """The raw frame's time stamp, carried over."""
    key: bool
    damaged: bool


class Codec(Protocol):
    """An opened encoder, not blocking. Every method raises the kernel's OSError; the order of calls is V4L2's for stateful encoders.

    Buffers have indices from 0 in each queue.
    """

    name: str

    def fileno(self) -> int:
        """For poll: POLLIN when `take_coded` has something, POLLOUT when `take_raw` has."""

    def codings(self) -> Sequence[str]:
        """What it can make: V4L2's four characters."""

    def set_control(self, control: Control, value: int) -> None:
        """EINVAL when the node does not have it, ERANGE when it does not take the value."""

    def set_raw_format(self, wanted: PixelFormat) -> PixelFormat:
        """Ask for frames like these; what the node made of it. EBUSY while it has buffers."""

    def set_coded_format(self, coding: str, width: int, height: int, sizeimage: int) -> tuple[str, int]:
        """Ask for buffers of that many bytes; the coding and the size that the node made of it."""

    def set_rate(self, fps: int) -> None:
        """How many raw frames a second will come: the rate control goes by it. ENOTTY where nobody cares."""

    def import_buffers(self, count: int) -> int:
        """Make room for so many imported raw buffers, at least; how many there are."""

    def make_buffers(self, count: int) -> int:
        """Allocate coded buffers, at least so many, and queue all; how many there are."""

    def start(self) -> None:
        """Start both queues."""

    def put_raw(self, index: int, dmabuf: int, bytesused: int, captured_us: int) -> None:
        """Give a raw frame to the encoder, which keeps the buffer until `take_raw` names it. Never 0 bytes: that is the end."""

    def take_raw(self) -> int | None:
        """The index of a raw buffer that the encoder has done with."""

    def take_coded(self) -> Coded | None:
        """The next coded buffer; it is the caller's until `give_coded`."""

    def read(self, coded: Coded) -> bytes:
        """Its content, copied out: the one copy that is made of it."""

    def give_coded(self, index: int) -> None:
        """Have it filled again."""

    def stop(self) -> None:
        """Stop both queues, which may take some seconds, and free the buffers."""

    def close(self) -> None:
        """Give the node back; nothing else may be called afterwards."""
