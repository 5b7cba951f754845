"""Still pictures of what the target shows, from a key frame that the encoder made anyway."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_ANY_TIME = Fraction(1, 25)
"""A time base is asked for even where there is no time."""


class SnapshotError(Exception):
    """The key frame could not be turned into a picture."""


def jpeg(key_unit: bytes) -> bytes:
    """Decode one key frame (Annex B, parameter sets in front) and encode it as JPEG.

    Takes tens of milliseconds of one core: not for the event loop. Raises SnapshotError.
    """
    # FFmpeg's libraries take seconds to load on the board, and one that encodes in hardware rarely needs them.
    import av

    try:
        return compress(_decode(key_unit))
    except av.FFmpegError as error:
        raise SnapshotError(str(error)) from error


def compress(picture: VideoFrame) -> bytes:
    """One decoded picture as JPEG. Raises SnapshotError."""
    import av

    try:
        encoder = av.CodecContext.create("mjpeg", "w")
        assert isinstance(encoder, av.VideoCodecContext)
        encoder.width, encoder.height = picture.width, picture.height
        encoder.pix_fmt = "yuvj420p"
        encoder.time_base = _ANY_TIME
        encoder.options = {"qmin": "3", "qmax": "3"}
        still = picture.reformat(format="yuvj420p")
        still.pts, still.time_base = 0, _ANY_TIME
        return b"".join(bytes(packet) for packet in [*encoder.encode(still), *encoder.encode(None)])
    except av.FFmpegError as error:
        raise SnapshotError(str(error)) from error


def _decode(key_unit: bytes) -> VideoFrame:
    import av

    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    for frame in [*decoder.decode(av.Packet(key_unit)), *decoder.decode(None)]:
        return frame
    raise SnapshotError("the key frame holds no picture")
