"""WebSocket frames (RFC 6455, 5.2) as far as the sockets take a short cut around them; what is not short goes to Tornado as it came."""

from __future__ import annotations

import struct
from typing import Final

from tornado.util import _websocket_mask as _unmasked  # in C where that was built, as for Tornado itself

_TEXT: Final = 0x81
_BINARY: Final = 0x82
"""A whole message in one frame."""
_FINAL: Final = 0x80
_CONTROL: Final = 0x08
CLOSE: Final = 0x88
_MASKED: Final = 0x80
_SHORT: Final = 126
"""Lengths from here on are written elsewhere in the header."""
_HEADER: Final = 6


def framed(message: str | bytes) -> bytes:
    """A whole message in one unmasked frame, as a server sends it."""
    first, data = (_TEXT, message.encode()) if isinstance(message, str) else (_BINARY, message)
    if len(data) < _SHORT:
        return struct.pack("!BB", first, len(data)) + data
    if len(data) <= 0xFFFF:
        return struct.pack("!BBH", first, 126, len(data)) + data
    return struct.pack("!BBQ", first, 127, len(data)) + data


class Sorter:
    """Takes short messages out of a client's bytes, where they overtake nothing that goes to Tornado."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._passing = 0
        """Bytes that are still to come of a frame that is not ours."""
        self._begun = False
        """Whether a message of several frames is not complete."""

    def feed(self, data: bytes, *, free: bool) -> tuple[list[str | bytes], bytes]:
        """More bytes: the short messages that are complete, and the other frames' bytes, which came after those.

        `free`: everything that was passed on before has been dealt with.
        """
        front = free and not (self._bytes or self._passing or self._begun)
        if front and len(data) >= _HEADER and len(data) - _HEADER == data[1] ^ _MASKED < _SHORT:
            message = _message(data)  # nearly always: one read, one message
            if message is not None:
                return [message], b""
        self._bytes += data
        messages: list[str | bytes] = []
        others = bytearray()
        while self._bytes:
            if self._passing:
                others += self._bytes[: self._passing]
                passed = min(self._passing, len(self._bytes))
                self._passing -= passed
                del self._bytes[:passed]
                continue
            size = self._size()
            if not size:
                break
            if free and not others and self._short():
                if len(self._bytes) < size:
                    break
                message = _message(bytes(self._bytes[:size]))
                if message is not None:
                    messages.append(message)
                    del self._bytes[:size]
                    continue
            self._pass(size)
        return messages, bytes(others)

    def _short(self) -> bool:
        """Whether the frame at the front is a short message."""
        return not self._begun and self._bytes[0] in {_TEXT, _BINARY} and _MASKED <= self._bytes[1] < _MASKED + _SHORT

    def _size(self) -> int:
        """Bytes of the whole frame at the front, 0 while its header is not complete."""
        length = self._bytes[1] & 0x7F if len(self._bytes) > 1 else 0
        extended = {126: 2, 127: 8}.get(length, 0)
        if len(self._bytes) < 2 + extended:
            return 0
        size = int.from_bytes(self._bytes[2 : 2 + extended]) if extended else length
        return 2 + extended + (4 if self._bytes[1] & _MASKED else 0) + size

    def _pass(self, size: int) -> None:
        """The frame at the front goes to Tornado."""
        self._passing = size
        if not self._bytes[0] & _CONTROL:
            self._begun = not self._bytes[0] & _FINAL


def _message(frame: bytes) -> str | bytes | None:
    """What a whole short frame says; None if that is for Tornado to refuse."""
    data = _unmasked(frame[2:_HEADER], frame[_HEADER:])
    if frame[0] == _BINARY:
        return data
    try:
        return data.decode() if frame[0] == _TEXT else None
    except UnicodeDecodeError:
        return None
