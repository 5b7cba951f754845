from __future__ import annotations

import struct

import pytest

from app.stream import wire
from app.stream.wire import MalformedReply, Reply, ReplyKind, Report
from app.video.frame import AccessUnit

UNIT = AccessUnit(b"\0\0\0\1\x67", True, 0x1_0000_0002, 0x0102030405060708, 9, 1280, 720)


def test_the_header_is_as_documented() -> None:
    message = wire.encode(UNIT)
    assert message.data == bytes.fromhex("01 01 0001 00000002 0102030405060708 00000009 0500 02d0 00000001 67")
    assert (message.key, message.sequence) == (True, 2)


def test_only_a_key_frame_is_flagged() -> None:
    plain = AccessUnit(b"x", False, 1, 2, 2**40, 16, 16)
    message = wire.encode(plain)
    assert message.data[2:4] == b"\0\0"
    assert message.data[16:20] == b"\xff" * 4


def test_replies_are_read() -> None:
    assert wire.decode_reply(bytes.fromhex("01 01 0000 00000010")) == Reply(ReplyKind.SHOWN, 16)
    assert wire.decode_reply(bytes.fromhex("01 05 0000 00000000")) == Reply(ReplyKind.KEY_WISHED, 0)
    assert wire.decode_reply(bytes.fromhex("01 ee 0000 00000000")) == Reply(0xEE, 0)


def test_a_report_is_read() -> None:
    data = bytes.fromhex("01 04 0000 00000007 000055f0 0000ea60 000003e8 0129 0002")
    assert wire.decode_reply(data) == Reply(ReplyKind.REPORT, 7, Report(22_000, 60_000, 1_000, 29.7, 2))
    unknown = bytes.fromhex("01 04 0000 00000000 ffffffff ffffffff ffffffff 0000 0000")
    assert wire.decode_reply(unknown).report == Report(None, None, None, 0.0, 0)


def test_a_histogram_is_read() -> None:
    data = bytes.fromhex("01 06 0000 00000000") + struct.pack(">13H", *range(13))
    assert wire.decode_reply(data) == Reply(ReplyKind.HISTOGRAM, 0, histogram=tuple(range(13)))
    with pytest.raises(MalformedReply, match="a message of kind 6 with 33 bytes, expected 34"):
        wire.decode_reply(data[:-1])


def test_a_kind_this_version_does_not_know_may_have_any_length() -> None:
    assert wire.decode_reply(bytes.fromhex("01 63 0000 00000009") + bytes(100)) == Reply(0x63, 9)


def test_what_is_no_picture_is_a_header_alone() -> None:
    assert wire.hello(7) == bytes.fromhex("01 04 0000 00000007") + bytes(16)
    assert wire.pong(0xFFFFFFFF, 0x0102030405060708) == bytes.fromhex("01 03 0000 ffffffff 0102030405060708") + bytes(8)


def test_a_still_says_that_it_is_one() -> None:
    message = wire.encode(UNIT, wire.Kind.JPEG)
    assert message.data[1] == 2
    assert wire.payload(message) == UNIT.data


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("hello", "a text message, expected binary"),
        (b"", "a message of 0 bytes, expected at least 8"),
        (b"\1\1\0\0\0\0\0\0\0", "a message of kind 1 with 9 bytes, expected 8"),
        (bytes.fromhex("01 04 0000 00000000"), "a message of kind 4 with 8 bytes, expected 24"),
        (b"\2\1\0\0\0\0\0\0", "version 2, expected 1"),
    ],
)
def test_what_is_no_reply_is_refused_in_words(data: bytes | str, words: str) -> None:
    with pytest.raises(MalformedReply, match=words):
        wire.decode_reply(data)
