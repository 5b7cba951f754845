"""Raw frames as files, judged by another library's colours."""

from __future__ import annotations

import io
import os

import av
import pytest
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image, ImageChops

from app.video import dmabuf
from app.video.frame import RawFormat
from app.video.picture import Kind, Picture, PictureError, encode

SIZE = (720, 400)
STRIDE = 1472
"""Wider than the rows: what the board's encoder asks for at this width."""


@pytest.fixture(scope="module")
def drawn() -> Image.Image:
    """Smooth colours: their differences between neighbours are no matter of taste."""
    red, green = Image.linear_gradient("L").resize(SIZE), Image.radial_gradient("L").resize(SIZE)
    return Image.merge("RGB", (red, green, red.transpose(Image.Transpose.ROTATE_180)))


@pytest.fixture(scope="module")
def picture(drawn: Image.Image) -> Picture:
    """As FFmpeg makes it of the drawing: BT.601, limited range."""
    frame = av.VideoFrame.from_image(drawn).reformat(
        format="uyvy422", dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.MPEG
    )
    plane = frame.planes[0]
    rows = [bytes(plane)[row * plane.line_size :][: SIZE[0] * 2].ljust(STRIDE, b"\xff") for row in range(SIZE[1])]
    return Picture(RawFormat(*SIZE, "UYVY", STRIDE, STRIDE * SIZE[1], 70.0), b"".join(rows))


@pytest.mark.parametrize(("kind", "tolerance"), [("png", 6), ("jpeg", 12)])
def test_the_file_shows_what_was_drawn(picture: Picture, drawn: Image.Image, kind: Kind, tolerance: int) -> None:
    file = Image.open(io.BytesIO(encode(picture.colour(), kind, 95)))
    assert (file.format, file.size) == (kind.upper(), SIZE)
    difference = ImageChops.difference(file.convert("RGB"), drawn)
    assert max(most for _least, most in difference.getextrema()) <= tolerance


def test_black_is_black_and_white_is_white() -> None:
    raw = RawFormat(32, 32, "UYVY", 64, 64 * 32, 30.0)
    for level, shown in ((0, 0), (16, 0), (235, 255), (255, 255)):
        picture = Picture(raw, bytes([128, level] * 32 * 32))
        assert picture.colour().convert("RGB").getextrema() == ((shown, shown),) * 3
        assert picture.grey().getextrema() == (shown, shown)


def test_what_is_no_picture_is_named() -> None:
    with pytest.raises(PictureError, match="raw format RGB3: expected UYVY"):
        Picture(RawFormat(32, 32, "RGB3", 96, 96 * 32, 30.0), bytes(96 * 32))
    with pytest.raises(PictureError, match="2047 bytes: expected 2048"):
        Picture(RawFormat(32, 32, "UYVY", 64, 2048, 30.0), bytes(2047))


def test_ordinary_memory_is_read_as_it_is() -> None:
    descriptor = os.memfd_create("frame")
    try:
        os.write(descriptor, b"pixels" * 1000)
        assert dmabuf.read(descriptor, 6000) == b"pixels" * 1000
    finally:
        os.close(descriptor)
    with pytest.raises(OSError, match="Bad file descriptor"):
        dmabuf.read(descriptor, 6000)
