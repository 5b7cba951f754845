"""One raw frame as a picture that others can read.

Made from the raw frame and not from a key frame of the encoder: it takes a third of the processor time and half of the memory
(docs/measurements/snapshot.md), asks no large key frame of everybody's links, and needs neither the encoder nor FFmpeg.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.video.frame import RawFormat

if TYPE_CHECKING:
    from PIL.Image import Image

Kind = Literal["jpeg", "png"]

# BT.601 limited range, which is what the bridge converts to, stretched to JPEG's full range (JFIF 1.02).
_LUMA = bytes(min(255, max(0, round((value - 16) * 255 / 219))) for value in range(256))
_CHROMA = bytes(min(255, max(0, round((value - 128) * 255 / 224 + 128))) for value in range(256))


class PictureError(Exception):
    """There is no picture in this."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame's bytes, copied out of its buffer."""

    raw: RawFormat
    data: bytes

    def __post_init__(self) -> None:
        if self.raw.fourcc != "UYVY":
            raise PictureError(f"raw format {self.raw.fourcc}: expected UYVY")
        if len(self.data) < self.raw.bytesperline * self.raw.height:
            raise PictureError(f"{len(self.data)} bytes: expected {self.raw.bytesperline * self.raw.height}")

    def grey(self) -> Image:
        """The brightness alone, full range."""
        return self._plane(1, 2, _LUMA)

    def colour(self) -> Image:
        """Mode YCbCr, the colours at half the width as they came."""
        from PIL import Image

        size = (self.raw.width, self.raw.height)
        blue, red = (self._plane(at, 4, _CHROMA).resize(size, Image.Resampling.NEAREST) for at in (0, 2))
        return Image.merge("YCbCr", (self.grey(), blue, red))

    def _plane(self, first: int, step: int, table: bytes) -> Image:
        """Every `step`th byte from `first` on, through a table."""
        # Loaded with the first picture: half a second on the board.
        from PIL import Image

        samples = self.data[first::step].translate(table)
        width, stride = self.raw.width * 2 // step, self.raw.bytesperline // step
        return Image.frombytes("L", (width, self.raw.height), samples, "raw", "L", stride, 1)


def encode(image: Image, kind: Kind, quality: int = 85) -> bytes:
    """The file's bytes. `quality` is JPEG's, 1 to 100."""
    file = io.BytesIO()
    if kind == "jpeg":
        image.save(file, "JPEG", quality=quality)
    else:
        # PNG knows no YCbCr. Level 1 is a third of the default's time, and screens of text still shrink to a twentieth.
        image.convert("RGB").save(file, "PNG", compress_level=1)
    return file.getvalue()
