"""A WebSocket whose messages are encrypted before their time has come: what is timed begins on the wire, and not in a client."""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A
"""What a frame is that is the only one of its message, or the last."""
_PATIENCE = 60.0
_OFTEN = 1.0
"""Seconds."""


def framed(kind: int, payload: bytes = b"") -> bytes:
    """A frame as RFC 6455 section 5.2 has it for clients, with a mask that changes nothing."""
    length = len(payload)
    size = struct.pack("!B", 0x80 | length) if length < 126 else struct.pack("!BH", 0x80 | 126, length)
    return bytes([kind]) + size + bytes(4) + payload


class Wire:
    """One connection; nothing that the server says is read but its pings, and those when it is time.

    Args:
        port: of the server, on this machine.
        path: of its WebSocket.
        cookie: of the session; empty where nobody asks.
        room: bytes that the kernel keeps of what is not read; 0 leaves that to it.
    """

    def __init__(self, port: int, path: str, cookie: str = "", room: int = 0) -> None:
        self._looked = 0.0
        self._socket = socket.socket()
        self._socket.settimeout(_PATIENCE)
        if room:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self._socket.connect(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        whoever = ssl.create_default_context()
        whoever.check_hostname, whoever.verify_mode = False, ssl.CERT_NONE
        self._tls = whoever.wrap_bio(self._in, self._out)
        self._until(self._tls.do_handshake)
        key = base64.b64encode(os.urandom(16)).decode()
        self._tls.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: https://127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
            f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        answer, _, self._came = self._until(lambda: self._tls.read(4096)).partition(b"\r\n\r\n")
        assert b" 101 " in answer, answer

    def sealed(self, event_type: str, **event: Any) -> bytes:
        """One event as it goes over the wire; what is sealed first is to be sent first."""
        self._tls.write(framed(TEXT, json.dumps({"event_type": event_type, "event": event}).encode()))
        return self._out.read()

    def send(self, sealed: bytes) -> None:
        """One system call."""
        self._socket.sendall(sealed)

    def send_frames(self, frames: bytes) -> None:
        """What `framed` made."""
        self._tls.write(frames)
        self.send(self._out.read())

    def live(self) -> None:
        """Answer the server's pings so far; to be called often, and looks once a second."""
        if time.monotonic() < self._looked + _OFTEN:
            return
        self._looked = time.monotonic()
        self._socket.settimeout(0)
        with suppress(BlockingIOError):
            while came := self._socket.recv(65536):
                self._in.write(came)
        self._socket.settimeout(_PATIENCE)
        with suppress(ssl.SSLWantReadError):
            while came := self._tls.read(65536):
                self._came += came
        while (frame := self._taken()) is not None:
            if frame[0] == PING:
                self.send_frames(framed(PONG, frame[2:]))

    def close(self) -> None:
        self._socket.close()

    def _taken(self) -> bytes | None:
        """The next frame that has come, without the longer forms of its length."""
        length, header = int.from_bytes(self._came[1:2]), 2
        if length >= 126:
            header = 4 if length == 126 else 10
            length = int.from_bytes(self._came[2:header])
        if len(self._came) < header + length:
            return None
        frame = self._came[:2] + self._came[header : header + length]
        self._came = self._came[header + length :]
        return frame

    def _until(self, action: Callable[[], Any]) -> Any:
        while True:
            try:
                return action()
            except ssl.SSLWantReadError:
                self.send(self._out.read())
                self._in.write(self._socket.recv(65536))
            finally:
                self.send(self._out.read())
