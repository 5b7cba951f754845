"""WebSocket frames (RFC 6455, 5.2) as far as the stream's socket takes a short cut around them; what is not short goes to Tornado as it came."""

from __future__ import annotations

import struct
from typing import Final

_BINARY: Final = 0x82
"""A whole binary message in one frame."""
_MASKED: Final = 0x80
_SHORT: Final = 126
"""Lengths from here on are written elsewhere in the header."""
_HEADER: Final = 6


def framed(data: bytes) -> bytes:
    """A whole binary message in one unmasked frame, as a server sends it."""
    if len(data) < _SHORT:
        return struct.pack("!BB", _BINARY, len(data)) + data
    if len(data) <= 0xFFFF:
        return struct.pack("!BBH", _BINARY, 126, len(data)) + data
    return struct.pack("!BBQ", _BINARY, 127, len(data)) + data


class Sorter:
    """Takes a client's short binary messages out of its bytes."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._passing = 0
        """Bytes that are still to come of a frame that is not ours."""

    def feed(self, data: bytes) -> tuple[list[bytes], bytes]:
        """More bytes: the short binary messages that are complete, and the other frames' bytes, both in their order."""
        whole = len(data) >= _HEADER and data[0] == _BINARY and len(data) - _HEADER == data[1] ^ _MASKED < _SHORT
        if whole and not self._bytes and not self._passing:
            return [_unmasked(data[2:_HEADER], data[_HEADER:])], b""  # nearly always: one read, one message
        self._bytes += data
        messages: list[bytes] = []
        others = bytearray()
        while self._bytes:
            if self._passing:
                others += self._bytes[: self._passing]
                passed = min(self._passing, len(self._bytes))
                self._passing -= passed
                del self._bytes[:passed]
                continue
            message = self._short()
            if message is not None:
                messages.append(message)
            elif not self._passing:
                break
        return messages, bytes(others)

    def _short(self) -> bytes | None:
        """The message at the front. None if it is not complete, or not ours, whose length is known then."""
        if len(self._bytes) < 2:
            return None
        length = self._bytes[1] & 0x7F
        if self._bytes[0] != _BINARY or not self._bytes[1] & _MASKED or length >= _SHORT:
            self._passing = self._size(length)
            return None
        end = _HEADER + length
        if len(self._bytes) < end:
            return None
        message = _unmasked(bytes(self._bytes[2:_HEADER]), bytes(self._bytes[_HEADER:end]))
        del self._bytes[:end]
        return message

    def _size(self, length: int) -> int:
        """Bytes of the whole frame at the front, 0 while its header is not complete."""
        extended = {126: 2, 127: 8}.get(length, 0)
        if len(self._bytes) < 2 + extended:
            return 0
        size = int.from_bytes(self._bytes[2 : 2 + extended]) if extended else length
        return 2 + extended + (4 if self._bytes[1] & _MASKED else 0) + size


def _unmasked(mask: bytes, masked: bytes) -> bytes:
    repeated = (mask * (len(masked) // 4 + 1))[: len(masked)]
    return (int.from_bytes(masked) ^ int.from_bytes(repeated)).to_bytes(len(masked))
