"""Parameter sets in front of key frames, wherever the encoder puts them."""

from __future__ import annotations

import pytest

from app.video.annexb import Headers, split

SPS, PPS, SEI = b"\0\0\0\1\x67abc", b"\0\0\0\1\x68d", b"\0\0\1\x06s"
IDR, SLICE = b"\0\0\0\1\x65picture", b"\0\0\0\1\x41picture"


@pytest.mark.parametrize("picture", [IDR, SLICE, IDR[1:], IDR + SLICE])
def test_the_picture_begins_at_its_first_slice(picture: bytes) -> None:
    assert split(SPS + PPS + SEI + picture) == (SPS + PPS + SEI, picture)
    assert split(picture) == (b"", picture)


@pytest.mark.parametrize("data", [b"", b"\0\0\1", SPS, SPS + PPS, b"nothing of the kind"])
def test_without_a_slice_there_is_no_picture(data: bytes) -> None:
    assert split(data) == (data, b"")


def test_sets_that_came_alone_go_before_every_key_frame_without() -> None:
    headers = Headers()
    assert headers.complete(SPS + PPS, key=False) is None
    for _time in range(2):
        assert headers.complete(IDR, key=True) == SPS + PPS + IDR
        assert headers.complete(SLICE, key=False) == SLICE


def test_an_empty_buffer_takes_no_sets_away() -> None:
    headers = Headers()
    headers.complete(SPS + PPS, key=False)
    assert headers.complete(b"", key=False) is None
    assert headers.complete(IDR, key=True) == SPS + PPS + IDR


def test_sets_that_are_there_stay_the_only_ones() -> None:
    headers = Headers()
    headers.complete(b"\0\0\0\1\x67old", key=False)
    assert headers.complete(SPS + PPS + IDR, key=True) == SPS + PPS + IDR
    assert headers.complete(SEI + SLICE, key=False) == SEI + SLICE
