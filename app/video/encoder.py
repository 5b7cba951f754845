"""What the pipeline needs of an H.264 encoder; `m2m` and `software` implement it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.video.frame import AccessUnit, RawFormat, RawFrame


class EncoderError(Exception):
    """The encoder cannot go on; it has to be made again."""


class NoEncoder(EncoderError):
    """There is none of this kind here."""


class Stalled(EncoderError):
    """It has frames and gives nothing."""


class Unfit(EncoderError):
    """It does not take these frames; another may."""


class Encoder(Protocol):
    """One encoding session for one raw format. Owned by the pipeline's thread.

    Frames go in by `submit`; the buffer stays the encoder's until `collect` names its index.
    """

    name: str
    reason: str
    """Why it is not the machine's hardware encoder, in words; empty if it is."""

    def descriptors(self) -> Mapping[int, int]:
        """What to poll for until `collect` has something: descriptor to events; empty if that is always right after `submit`."""

    def submit(self, frame: RawFrame) -> None:
        """Start encoding the frame. Raises EncoderError."""

    def collect(self) -> tuple[Sequence[int], Sequence[AccessUnit]]:
        """The indices of frames that are finished, whose buffers are free again, and the access units that came out.

        A finished frame without an access unit is one that the encoder has lost. Raises EncoderError.
        """

    def request_key(self) -> None:
        """Make the next submitted frame a key frame."""

    def set_bitrate(self, bits_per_second: int) -> None:
        """Aim at this rate from now on."""

    def set_frame_rate(self, fps: float) -> None:
        """Expect so many frames a second from now on; the source's until this is called."""

    def close(self) -> None:
        """End the session; the buffers are no longer used when this returns."""


class EncoderFactory(Protocol):
    """Makes a session for a format. Raises EncoderError when this machine cannot encode it."""

    def __call__(self, raw: RawFormat, buffers: Sequence[int]) -> Encoder:
        """`buffers` are the DMABUF descriptors by buffer index."""
