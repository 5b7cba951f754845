"""The words of the video path: what a buffer, a raw frame and an access unit are here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """Pixels in memory: packed, one plane, `bytesperline` bytes from row to row."""

    width: int
    height: int
    fourcc: str
    """V4L2's four characters; the board's bridge gives `UYVY`."""
    bytesperline: int
    sizeimage: int


@dataclass(frozen=True, slots=True)
class RawFormat(PixelFormat):
    """Raw frames as the input delivers them."""

    fps: float
    """Frames per second of the source, 0.0 when it does not say."""


@dataclass(frozen=True, slots=True)
class RawFrame:
    """One captured frame: which buffer holds it, never its bytes."""

    index: int
    """Of the buffer, in the tuple that `Source.start` returned."""
    bytesused: int
    captured_us: int
    """CLOCK_MONOTONIC in microseconds at the start of the frame."""
    sequence: int
    """Counts the source's frames from 0 at stream on; a gap is a frame that found no free buffer."""


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One encoded frame, Annex B. A key unit carries its parameter sets (SPS, PPS) in front."""

    data: bytes
    key: bool
    sequence: int
    """Of the raw frame."""
    captured_us: int
    encode_us: int
    """From the start of the frame's capture being handed to the encoder to this unit coming out."""
    width: int
    height: int
