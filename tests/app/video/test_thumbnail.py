"""The small picture, from a real encoder's key frame."""

from __future__ import annotations

import asyncio
import contextlib
from fractions import Fraction

import av
import pytest
from PIL import Image

from app.status import Device, Signal
from app.video import thumbnail
from app.video.snapshot import SnapshotError


def key_frame(width: int, height: int) -> bytes:
    """Left half black, right half white."""
    picture = Image.new("RGB", (width, height), "black")
    picture.paste("white", (width // 2, 0, width, height))
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    frame = av.VideoFrame.from_image(picture).reformat(format="yuv420p")
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


@pytest.mark.parametrize(
    ("size", "small"), [((1920, 1080), (96, 54)), ((1024, 768), (72, 54)), ((1280, 720), (96, 54))]
)
def test_shape_and_content(size, small):
    result = thumbnail.thumbnail(key_frame(*size))
    assert (result.width, result.height) == small
    picture = Image.frombytes("1", small, bytes.fromhex(result.rows)).convert("L")
    left = picture.crop((0, 0, small[0] // 2 - 4, small[1]))
    right = picture.crop((small[0] // 2 + 4, 0, *small))
    assert sum(left.tobytes()) / len(left.tobytes()) < 20
    assert sum(right.tobytes()) / len(right.tobytes()) > 235


async def test_only_while_there_is_a_signal_and_a_lost_frame_is_no_end(monkeypatch):
    monkeypatch.setattr(thumbnail, "_INTERVAL", 0.0)
    devices = iter([Device(), Device(signal=Signal("locked")), Device(signal=Signal("locked"))])
    units: list[bytes] = [b"no key frame", key_frame(1280, 720)]
    asked, published = [], []

    def device() -> Device:
        return next(devices, Device())

    async def unit() -> bytes:
        asked.append(1)
        return units.pop(0)

    following = asyncio.ensure_future(thumbnail.follow(device, unit, published.append))
    async with asyncio.timeout(30):
        while not published:
            await asyncio.sleep(0)
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following
    assert (len(asked), len(published)) == (2, 1)


def test_what_is_no_key_frame_is_named():
    with pytest.raises(SnapshotError):
        thumbnail.thumbnail(b"\0\0\0\1")
