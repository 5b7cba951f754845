"""Still pictures of a stream, with the real encoder."""

from __future__ import annotations

import io
from fractions import Fraction
from itertools import pairwise
from random import Random

import av
import pytest
from PIL import Image, ImageDraw

from app.video.quality import FIRST, FIRST_PATIENCE, LAST_PATIENCE, STEPS, Quality
from app.video.stills import INTERVAL, Stills, _compress

SIZE = (1280, 720)


def text() -> Image.Image:
    """A screen full of it."""
    picture, chance = Image.new("RGB", SIZE, "white"), Random(1)
    draw = ImageDraw.Draw(picture)
    for top in range(0, SIZE[1], 14):
        words = ("".join(chance.choices("abcdefghijklmnop", k=chance.randrange(2, 9))) for _ in range(SIZE[0] // 36))
        draw.text((4, top), " ".join(words), fill="black")
    return picture


def photograph() -> Image.Image:
    """Something soft."""
    return Image.frombytes("RGB", (80, 45), Random(2).randbytes(80 * 45 * 3)).resize(SIZE, Image.Resampling.BICUBIC)


def stream(picture: Image.Image) -> bytes:
    """A key frame of it."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = *SIZE, "yuv420p", Fraction(1, 25)
    encoder.options = {"tune": "zerolatency"}
    return b"".join(bytes(packet) for packet in encoder.encode(av.VideoFrame.from_image(picture)))


@pytest.mark.parametrize("picture", [text(), photograph()], ids=["text", "photograph"])
def test_each_step_is_smaller_and_by_no_more_than_it_says(picture: Image.Image) -> None:
    frame = av.VideoFrame.from_image(picture).reformat(format="yuv420p")
    sizes = [len(_compress(frame, step)) for step in STEPS]
    for finer, coarser, step in zip(sizes, sizes[1:], STEPS[1:], strict=False):
        assert coarser < finer <= step.growth * coarser, sizes


def test_a_still_follows_what_it_may_have_and_says_the_streams_size() -> None:
    stills, unit, sizes = Stills(), stream(text()), list[tuple[int, int]]()
    for number, most in enumerate([60_000] * 20 + [10_000_000] * 40):
        made = stills.feed(unit, number * INTERVAL, most)
        assert made is not None
        jpeg, *size = made
        assert tuple(size) == SIZE
        sizes.append((len(jpeg), Image.open(io.BytesIO(jpeg)).width))
    assert sizes[19][0] <= 60_000 < sizes[0][0]
    assert sizes[19][1] == SIZE[0] // 2
    assert sizes[-1] == (max(sizes)[0], SIZE[0])


def test_nothing_changes_while_nobody_knows() -> None:
    quality = Quality()
    for _ in range(100):
        quality.made(1 << 20, None)
    assert quality.step == STEPS[FIRST]


def test_a_finer_step_that_was_too_large_is_tried_more_and_more_rarely() -> None:
    quality, tried = Quality(), list[int]()
    for number in range(2000):
        fine = quality.step == STEPS[FIRST - 1]
        if fine:
            tried.append(number)
        quality.made(1000 if fine else 100, 500)
    waits = [later - earlier - 2 for earlier, later in pairwise(tried)]
    assert tried[0] == FIRST_PATIENCE
    assert waits == sorted(waits)
    assert waits[0] < waits[-1] <= LAST_PATIENCE
    assert len(tried) < 30


def test_on_a_better_link_it_is_tried_at_once() -> None:
    quality = Quality()
    for _ in range(500):
        quality.made(1000 if quality.step == STEPS[FIRST - 1] else 100, 500)
    for _ in range(FIRST * FIRST_PATIENCE):
        quality.made(1000, 5000)
    assert quality.step == STEPS[0]
