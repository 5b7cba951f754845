"""What the pipeline needs of an H.264 encoder; `software` implements it, a stateful V4L2 one fits as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.video.frame import AccessUnit, RawFormat, RawFrame


class EncoderError(Exception):
    """The encoder cannot go on; it has to be made again."""


class Encoder(Protocol):
    """One encoding session for one raw format. Owned by the pipeline's thread.

    Frames go in by `submit`; the buffer stays the encoder's until `collect` names its index.
    """

    name: str

    def fileno(self) -> int | None:
        """For poll: readable when `collect` has something; None if that is always right after `submit`."""

    def submit(self, frame: RawFrame) -> None:
        """Start encoding the frame. Raises EncoderError."""

    def collect(self) -> tuple[Sequence[int], Sequence[AccessUnit]]:
        """Buffer indices that are free again, and the access units that came out. Raises EncoderError."""

    def request_key(self) -> None:
        """Make the next submitted frame a key frame."""

    def set_bitrate(self, bits_per_second: int) -> None:
        """Aim at this rate from now on."""

    def close(self) -> None:
        """End the session; the buffers are no longer used when this returns."""


class EncoderFactory(Protocol):
    """Makes a session for a format. Raises EncoderError when this machine cannot encode it."""

    def __call__(self, raw: RawFormat, buffers: Sequence[int]) -> Encoder:
        """`buffers` are the DMABUF descriptors by buffer index."""
