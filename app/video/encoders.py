"""Which encoder a stream gets: the machine's hardware, or libx264 where there is none, or none that takes these frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.video.codec import Codec
from app.video.encoder import Encoder, NoEncoder, Unfit
from app.video.frame import RawFormat
from app.video.m2m import M2MEncoder


class Encoders:
    """Implements `app.video.encoder.EncoderFactory`.

    Args:
        open_codec: finds and opens the hardware encoder; raises NoEncoder.
        clock: microseconds, monotonic.
        bitrate: bits per second to aim at.
        coding: what the hardware has to make, in V4L2's four characters.
    """

    def __init__(
        self, open_codec: Callable[[], Codec], clock: Callable[[], int], bitrate: int, coding: str = "H264"
    ) -> None:
        self._open_codec = open_codec
        self._clock = clock
        self._bitrate = bitrate
        self._coding = coding

    def __call__(self, raw: RawFormat, buffers: Sequence[int]) -> Encoder:
        """A hardware encoder that fails is no reason to take the other: that one would hide it, and show a slide show."""
        try:
            codec = self._open_codec()
            return M2MEncoder(codec, raw, buffers, self._clock, bitrate=self._bitrate, coding=self._coding)
        except (NoEncoder, Unfit) as error:
            reason = str(error)
        # FFmpeg's libraries take seconds to load on the board.
        from app.video.software import SoftwareEncoder

        return SoftwareEncoder(raw, buffers, self._clock, self._bitrate, reason)
