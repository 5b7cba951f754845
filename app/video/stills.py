"""Still pictures of a running stream, for viewers that cannot decode it: a decoder that follows, and a JPEG now and then."""

from __future__ import annotations

from typing import Final

from app.video.snapshot import SnapshotError, compress

INTERVAL: Final = 200_000
"""Microseconds between two pictures: five a second."""


class Stills:
    """Follows one stream from a key frame on. Each call takes tens of milliseconds of one core: not for the event loop.

    Every frame has to be decoded, because the next one refers to it; only those that are due are compressed.
    """

    def __init__(self) -> None:
        # FFmpeg's libraries take seconds to load on the board, and few browsers need them.
        import av

        self._av = av
        self._decoder = av.CodecContext.create("h264", "r")
        self._due = 0

    def feed(self, unit: bytes | memoryview, captured_us: int) -> tuple[bytes, int, int] | None:
        """The next access unit in the stream's order: a JPEG with its width and height in pixels if one is due.

        Raises SnapshotError: the unit cannot be decoded; the next key frame can.
        """
        assert isinstance(self._decoder, self._av.VideoCodecContext)
        try:
            pictures = self._decoder.decode(self._av.Packet(bytes(unit)))
        except self._av.FFmpegError as error:
            raise SnapshotError(str(error)) from error
        if not pictures or captured_us < self._due:
            return None
        # Due times keep their own pace, so that a frame that is a little late does not lower the rate.
        self._due = max(self._due + INTERVAL, captured_us)
        picture = pictures[-1]
        return compress(picture), picture.width, picture.height
