"""The messages of `/api/stream`, as docs/stream-protocol.md lays them out byte by byte."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

VERSION = 1
_HEADER = struct.Struct(">BBHIQIHH")
_REPLY = struct.Struct(">BBHI")
_REPORT = struct.Struct(">IIIHH")
BARS = 13
_HISTOGRAM = struct.Struct(f">{BARS}H")
_UNKNOWN = 0xFFFFFFFF


class Kind(IntEnum):
    """What a message to the viewer holds."""

    H264 = 1
    JPEG = 2
    PONG = 3
    HELLO = 4


class Flag(IntEnum):
    """Bits of a message to the viewer."""

    KEY = 1


class ReplyKind(IntEnum):
    """What a viewer says."""

    SHOWN = 1
    KEY_WANTED = 2
    PING = 3
    REPORT = 4
    KEY_WISHED = 5
    HISTOGRAM = 6


_MORE = {ReplyKind.REPORT: _REPORT.size, ReplyKind.HISTOGRAM: _HISTOGRAM.size}
"""Bytes of a reply beyond those that all have."""


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
    captured_us: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a viewer measured since its last report; times in microseconds from capture to paint, None while not known."""

    median_us: int | None
    p95_us: int | None
    uncertainty_us: int | None
    """Half the shortest round trip: how far off the two before may be."""
    fps: float
    """Pictures painted per second."""
    dropped: int
    """Frames that arrived and were not painted."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a viewer said. `kind` is a plain number where this version does not know it."""

    kind: int
    sequence: int
    report: Report | None = None
    histogram: tuple[int, ...] = ()
    """Pictures of the last ten seconds by latency, in as many classes as there are bars."""


class MalformedReply(ValueError):
    """The bytes are no reply; the words are for the viewer."""


def encode(unit: AccessUnit, kind: Kind = Kind.H264) -> Message:
    """Put the header in front: the one time the encoded bytes are copied."""
    flags = Flag.KEY if unit.key else 0
    sequence = unit.sequence & 0xFFFFFFFF
    header = _HEADER.pack(
        VERSION, kind, flags, sequence, unit.captured_us, min(unit.encode_us, 0xFFFFFFFF), unit.width, unit.height
    )
    return Message(header + unit.data, unit.key, sequence, unit.captured_us)


def payload(message: Message) -> memoryview:
    """The encoded bytes within a message, not copied."""
    return memoryview(message.data)[_HEADER.size :]


def hello(number: int) -> bytes:
    """The first message: the number by which the state names this viewer."""
    return _HEADER.pack(VERSION, Kind.HELLO, 0, number & 0xFFFFFFFF, 0, 0, 0, 0)


def pong(token: int, now_us: int) -> bytes:
    """The answer to a ping: its token, and the device's clock."""
    return _HEADER.pack(VERSION, Kind.PONG, 0, token, now_us, 0, 0, 0)


def decode_reply(data: bytes | str) -> Reply:
    """Read a viewer's message. Raises MalformedReply."""
    if isinstance(data, str):
        raise MalformedReply("a text message, expected binary")
    if len(data) < _REPLY.size:
        raise MalformedReply(f"a message of {len(data)} bytes, expected at least {_REPLY.size}")
    version, kind, _reserved, sequence = _REPLY.unpack_from(data)
    if version != VERSION:
        raise MalformedReply(f"version {version}, expected {VERSION}")
    try:
        wanted = _REPLY.size + _MORE.get(ReplyKind(kind), 0)
    except ValueError:
        return Reply(kind, sequence)
    if len(data) != wanted:
        raise MalformedReply(f"a message of kind {kind} with {len(data)} bytes, expected {wanted}")
    if kind == ReplyKind.HISTOGRAM:
        return Reply(kind, sequence, histogram=_HISTOGRAM.unpack_from(data, _REPLY.size))
    if kind != ReplyKind.REPORT:
        return Reply(kind, sequence)
    median, p95, uncertainty, tenths, dropped = _REPORT.unpack_from(data, _REPLY.size)
    report = Report(_known(median), _known(p95), _known(uncertainty), tenths / 10, dropped)
    return Reply(kind, sequence, report)


def _known(microseconds: int) -> int | None:
    return None if microseconds == _UNKNOWN else microseconds
