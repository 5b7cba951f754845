"""Still pictures of a running stream, for viewers that cannot decode it: a decoder that follows, and a JPEG now and then."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from app.video.quality import Quality, Step

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_ANY_TIME: Final = Fraction(1, 25)
"""A time base is asked for even where there is no time."""
INTERVAL: Final = 200_000
"""Microseconds between two pictures: five a second."""


class StillError(Exception):
    """A part of the stream could not be turned into a picture."""


class Stills:
    """Follows one stream from a key frame on. Each call takes tens of milliseconds of one core: not for the event loop.

    Every frame has to be decoded, because the next one refers to it; only those that are due are compressed.
    """

    def __init__(self) -> None:
        # FFmpeg's libraries take seconds to load on the board, and few browsers need them.
        import av

        self._av = av
        self._decoder = av.CodecContext.create("h264", "r")
        self._quality = Quality()
        self._due = 0

    def feed(self, unit: bytes | memoryview, captured_us: int, most: int | None) -> tuple[bytes, int, int] | None:
        """The next access unit in the stream's order: a JPEG if one is due, with the stream's width and height, which may be more than its own.

        `most`: bytes that it should have, None while nobody knows; it is followed from picture to picture.

        Raises StillError: the unit cannot be decoded; the next key frame can.
        """
        assert isinstance(self._decoder, self._av.VideoCodecContext)
        try:
            pictures = self._decoder.decode(self._av.Packet(bytes(unit)))
        except self._av.FFmpegError as error:
            raise StillError(str(error)) from error
        if not pictures or captured_us < self._due:
            return None
        # Due times keep their own pace, so that a frame that is a little late does not lower the rate.
        self._due = max(self._due + INTERVAL, captured_us)
        picture = pictures[-1]
        made = _compress(picture, self._quality.step)
        self._quality.made(len(made), most)
        return made, picture.width, picture.height


def _compress(picture: VideoFrame, step: Step) -> bytes:
    """One decoded picture as JPEG. Raises StillError."""
    import av

    try:
        encoder = av.CodecContext.create("mjpeg", "w")
        assert isinstance(encoder, av.VideoCodecContext)
        encoder.width, encoder.height = picture.width // step.divisor, picture.height // step.divisor
        encoder.pix_fmt = "yuvj420p"
        encoder.time_base = _ANY_TIME
        encoder.options = {"qmin": str(step.quantiser), "qmax": str(step.quantiser)}
        still = picture.reformat(encoder.width, encoder.height, "yuvj420p")
        still.pts, still.time_base = 0, _ANY_TIME
        return b"".join(bytes(packet) for packet in [*encoder.encode(still), *encoder.encode(None)])
    except av.FFmpegError as error:
        raise StillError(str(error)) from error
