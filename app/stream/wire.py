"""The messages of `/api/stream`, as docs/stream-protocol.md lays them out byte by byte."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

VERSION = 1
_HEADER = struct.Struct(">BBHIQIHH")
_REPLY = struct.Struct(">BBHI")


class Kind(IntEnum):
    """What a message to the viewer holds."""

    H264 = 1


class Flag(IntEnum):
    """Bits of a message to the viewer."""

    KEY = 1


class ReplyKind(IntEnum):
    """What a viewer says."""

    SHOWN = 1
    KEY_WANTED = 2


class AccessUnit(Protocol):
    """What is sent: one encoded frame. Attributes as in `app.video.frame.AccessUnit`."""

    @property
    def data(self) -> bytes: ...
    @property
    def key(self) -> bool: ...
    @property
    def sequence(self) -> int: ...
    @property
    def captured_us(self) -> int: ...
    @property
    def encode_us(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to send, shared by all viewers, with what the hub needs to know of it."""

    data: bytes
    key: bool
    sequence: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What a viewer said. `kind` is a plain number where this version does not know it."""

    kind: int
    sequence: int


class MalformedReply(ValueError):
    """The bytes are no reply; the words are for the viewer."""


def encode(unit: AccessUnit) -> Message:
    """Put the header in front: the one time the encoded bytes are copied."""
    flags = Flag.KEY if unit.key else 0
    sequence = unit.sequence & 0xFFFFFFFF
    header = _HEADER.pack(
        VERSION, Kind.H264, flags, sequence, unit.captured_us, min(unit.encode_us, 0xFFFFFFFF), unit.width, unit.height
    )
    return Message(header + unit.data, unit.key, sequence)


def decode_reply(data: bytes | str) -> Reply:
    """Read a viewer's message. Raises MalformedReply."""
    if isinstance(data, str):
        raise MalformedReply("a text message, expected binary")
    if len(data) != _REPLY.size:
        raise MalformedReply(f"a message of {len(data)} bytes, expected {_REPLY.size}")
    version, kind, _reserved, sequence = _REPLY.unpack(data)
    if version != VERSION:
        raise MalformedReply(f"version {version}, expected {VERSION}")
    return Reply(kind, sequence)
