"""The small picture."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from PIL import Image

from app.status import Device, Signal
from app.video import thumbnail
from app.video.frame import RawFormat
from app.video.picture import Picture


def frame(width: int, height: int) -> Picture:
    """Left half black, right half white, limited range."""
    row = bytes([128, 16] * (width // 2) + [128, 235] * (width // 2))
    return Picture(RawFormat(width, height, "UYVY", width * 2, width * 2 * height, 30.0), row * height)


@pytest.mark.parametrize(
    ("size", "small"), [((1920, 1080), (96, 54)), ((1024, 768), (72, 54)), ((1280, 720), (96, 54))]
)
def test_shape_and_content(size, small):
    result = thumbnail.thumbnail(frame(*size))
    assert (result.width, result.height) == small
    picture = Image.frombytes("1", small, bytes.fromhex(result.rows)).convert("L")
    left = picture.crop((0, 0, small[0] // 2 - 4, small[1]))
    right = picture.crop((small[0] // 2 + 4, 0, *small))
    assert sum(left.tobytes()) / len(left.tobytes()) < 20
    assert sum(right.tobytes()) / len(right.tobytes()) > 235


async def test_only_while_there_is_a_signal_and_a_lost_frame_is_no_end(monkeypatch):
    monkeypatch.setattr(thumbnail, "_INTERVAL", 0.0)
    devices = iter([Device(), Device(signal=Signal("locked")), Device(signal=Signal("locked"))])
    results: list[Picture | Exception] = [OSError("no memory"), frame(1280, 720)]
    asked, published = [], []

    def device() -> Device:
        return next(devices, Device())

    async def picture() -> Picture:
        asked.append(1)
        result = results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    following = asyncio.ensure_future(thumbnail.follow(device, picture, published.append))
    async with asyncio.timeout(30):
        while len(published) < 2:
            await asyncio.sleep(0)
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following
    assert len(asked) == 2
    assert [(small.width, small.height) for small in published] == [(0, 0), (96, 54)], "no older one beside a signal"
