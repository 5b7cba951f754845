"""libx264 through PyAV: UYVY in, Annex B out, one access unit for one frame, at once."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import av
from av.video.frame import PictureType, VideoFrame

from app.video.encoder import EncoderError, NoEncoder, Unfit
from app.video.frame import RawFormat

_AV_FORMATS = {"UYVY": "uyvy422"}
_GOP = 600
"""Frames between key frames nobody asked for: viewers ask when they need one."""
_SMPTE170M = 6
"""FFmpeg's number for BT.601 with 525 lines, which is what the HDMI bridge converts to."""
_LIMITED = 1
_MICROSECONDS = Fraction(1, 1_000_000)


def check() -> None:
    """Whether this machine's FFmpeg can encode. Raises NoEncoder."""
    _context()


def _context() -> av.VideoCodecContext:
    try:
        context = av.CodecContext.create("libx264", "w")
    except av.FFmpegError as error:
        raise NoEncoder(f"this FFmpeg has no libx264: {error}") from error
    assert isinstance(context, av.VideoCodecContext)
    return context


class X264:
    """One stream of constrained baseline.

    Args:
        raw: what the frames look like; the width and height must be even.
        bitrate: bits per second to aim at.

    Raises:
        Unfit: libx264 does not take the format.
    """

    def __init__(self, raw: RawFormat, bitrate: int) -> None:
        if raw.fourcc not in _AV_FORMATS:
            raise Unfit(f"raw format {raw.fourcc}: expected one of {', '.join(_AV_FORMATS)}")
        self._raw = raw
        self._opened_for = bitrate
        self._context = self._open(raw, bitrate)
        self._picture = VideoFrame(raw.width, raw.height, _AV_FORMATS[raw.fourcc])
        self._key_wanted = True

    @staticmethod
    def _open(raw: RawFormat, bitrate: int) -> av.VideoCodecContext:
        context = _context()
        context.width, context.height = raw.width, raw.height
        context.pix_fmt = "yuv420p"
        context.time_base = _MICROSECONDS
        context.framerate = Fraction(round(raw.fps) or 30)
        context.bit_rate = bitrate
        context.gop_size = _GOP
        context.max_b_frames = 0
        context.thread_count = 1  # more would cut the picture into slices, or delay it
        context.profile = "Constrained Baseline"
        context.colorspace = context.color_primaries = context.color_trc = _SMPTE170M
        context.color_range = _LIMITED
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "x264-params": "scenecut=0:repeat-headers=1:annexb=1:sliced-threads=0",
            "maxrate": str(bitrate * 3 // 2),
            "bufsize": str(bitrate // 4),  # a key frame then takes a link of this rate a quarter of a second
        }
        try:
            context.open()
        except av.FFmpegError as error:
            raise Unfit(f"libx264 does not take {raw.width}x{raw.height}: {error}") from error
        return context

    def encode(self, pixels: memoryview, captured_us: int) -> Sequence[tuple[bytes, bool]]:
        """The access unit, and whether it is a key frame. Raises EncoderError."""
        self._load(pixels)
        picture = self._picture.reformat(format="yuv420p")
        picture.pts = captured_us
        picture.time_base = _MICROSECONDS
        picture.pict_type = PictureType.I if self._key_wanted else PictureType.NONE
        self._key_wanted = False
        try:
            return [(bytes(packet), packet.is_keyframe) for packet in self._context.encode(picture)]
        except av.FFmpegError as error:
            raise EncoderError(f"libx264: {error}") from error

    def _load(self, source: memoryview) -> None:
        """Copy the raw frame into FFmpeg's, row by row where their strides differ."""
        plane = self._picture.planes[0]
        rows, stride, ours = self._raw.height, self._raw.bytesperline, plane.line_size
        if stride == ours:
            plane.update(source[: plane.buffer_size])  # type: ignore[arg-type]  # any buffer does, without a copy to bytes
            return
        with memoryview(plane) as target:
            used = self._raw.width * 2
            for row in range(rows):
                target[row * ours : row * ours + used] = source[row * stride : row * stride + used]

    def request_key(self) -> None:
        """Make the next frame an IDR frame."""
        self._key_wanted = True

    def set_bitrate(self, bits_per_second: int) -> None:
        """libx264 takes a new rate between frames, but PyAV not the size of its buffer: a rate far from the one the buffer
        was made for gets a session of its own, which begins with a key frame.
        """
        if self._opened_for * 2 // 3 <= bits_per_second <= self._opened_for * 3 // 2:
            self._context.bit_rate = bits_per_second
            return
        self._context = self._open(self._raw, bits_per_second)
        self._opened_for = bits_per_second
        self._key_wanted = True
