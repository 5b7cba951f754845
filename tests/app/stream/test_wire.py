from __future__ import annotations

import pytest

from app.stream import wire
from app.stream.wire import MalformedReply, Reply, ReplyKind
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
    assert wire.decode_reply(bytes.fromhex("01 ee 0000 00000000")) == Reply(0xEE, 0)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("hello", "a text message, expected binary"),
        (b"", "a message of 0 bytes, expected 8"),
        (b"\1\1\0\0\0\0\0\0\0", "a message of 9 bytes, expected 8"),
        (b"\2\1\0\0\0\0\0\0", "version 2, expected 1"),
    ],
)
def test_what_is_no_reply_is_refused_in_words(data: bytes | str, words: str) -> None:
    with pytest.raises(MalformedReply, match=words):
        wire.decode_reply(data)
