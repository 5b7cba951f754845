"""The kernel's trace of what becomes of frames: buffers, the encoder's work, and one thread's system calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

TRACING = Path("/sys/kernel/debug/tracing")
CALLS = TRACING / "events/raw_syscalls"
SYSCALLS = CALLS / "sys_enter"
CAPTURE, CODED, RAW = 1, 9, 10
"""How the trace names vivid's queue (V4L2_BUF_TYPE_VIDEO_CAPTURE) and those of the encoder, which are multi-planar: what it makes, what it is given."""


class Buffer(NamedTuple):
    """A buffer in the trace: its queue's type, its number there, and its frame's time in microseconds."""

    type: int
    index: int
    stamp: int


@dataclass(frozen=True)
class Event:
    """One line of the trace."""

    thread: int
    seconds: float
    name: str
    rest: str

    @cached_property
    def buffer(self) -> Buffer:
        """The one that it tells of."""
        fields = dict(re.findall(r"(\w+) = (\d+)", self.rest))
        return Buffer(
            *(int(fields.get(name, 0)) for name in ("type", "index")), int(fields.get("timestamp", 0)) // 1000
        )


@contextmanager
def probes() -> Iterator[None]:
    """The encoder's begin and end, and the capture's buffers, in the trace, on the clock of the frames."""
    (TRACING / "trace_clock").write_text("mono")
    (TRACING / "kprobe_events").write_text("p:m2m/run vicodec:device_run\nr:m2m/done vicodec:device_run\n")
    for event in ("m2m/run", "m2m/done", "vb2/vb2_qbuf", "vb2/vb2_buf_done", "vb2/vb2_dqbuf"):
        (TRACING / "events" / event / "enable").write_text("1")
    yield
    (TRACING / "events/enable").write_text("0")
    (TRACING / "kprobe_events").write_text("")


@contextmanager
def followed(thread: int) -> Iterator[None]:
    """One thread's system calls too, which slows them down."""
    (CALLS / "filter").write_text(f"common_pid == {thread}")
    (CALLS / "enable").write_text("1")
    yield
    (CALLS / "enable").write_text("0")
    (CALLS / "filter").write_text("0")


def trace() -> list[Event]:
    """What has happened since the trace was emptied."""
    found = re.findall(r"(?m)^.*?-(\d+) +\[\d+\] \S+ +([\d.]+): (\w+): (.*)$", (TRACING / "trace").read_text())
    return [Event(int(tid), float(seconds), name, rest) for tid, seconds, name, rest in found]


@dataclass(frozen=True)
class Frame:
    """One on its way, in seconds."""

    stamp: int
    """The encoder's name for it, in microseconds: inkvm gives it the capture's time."""
    filled: float
    """The source had it in a buffer."""
    begun: float
    ended: float
    """What the encoder's own work took."""
    coded: float
    """Somebody took the coded buffer."""


@dataclass(frozen=True)
class Period:
    """Some seconds of a process."""

    everything: list[Event]
    own: list[Event]
    """Of its threads."""
    spent: float
    """Microseconds that they ran."""
    user: float
    """Of them outside the kernel."""

    @cached_property
    def spans(self) -> list[tuple[int, float, float]]:
        """When the encoder began and ended, in seconds, and on which thread: with more than one frame waiting it is one of the kernel's.

        A frame that was inside at the start is none of them.
        """
        begun: dict[int, float] = {}
        found = []
        for event in self.everything:
            if event.name == "run":
                begun[event.thread] = event.seconds
            elif event.name == "done" and event.thread in begun:
                found.append((event.thread, begun.pop(event.thread), event.seconds))
        return found

    @property
    def inside(self) -> float:
        """Microseconds of the encoder's work that count as the process's own."""
        own = {event.thread for event in self.own}
        return sum(end - begin for thread, begin, end in self.spans if thread in own) * 1e6

    @property
    def encoding(self) -> int:
        """The thread that last gave the encoder a frame."""
        return next(event.thread for event in reversed(self.own) if event.name == "run")

    @cached_property
    def calls(self) -> list[tuple[float, float]]:
        """When the one thread that is followed was in system calls, in seconds; one of them may have begun before."""
        began, found = self.everything[0].seconds, []
        for event in self.own:
            if event.name == "sys_enter":
                began = event.seconds
            elif event.name == "sys_exit":
                found.append((began, event.seconds))
        return found

    @cached_property
    def ways(self) -> list[Frame]:
        """The frames whose whole way is in this time. Of several that were taken from the source the encoder gets the newest."""
        filled: dict[int, float] = {}
        made: dict[int, float] = {}
        given: dict[int, float] = {}
        newest, found = 0.0, []
        for event in self.everything:
            at = (event.name, event.buffer.type)
            if at == ("vb2_buf_done", CAPTURE):
                filled[event.buffer.index] = event.seconds
            elif at == ("vb2_dqbuf", CAPTURE):
                newest = filled.pop(event.buffer.index, 0.0)
            elif at == ("vb2_qbuf", RAW) and newest:
                given[event.buffer.stamp] = newest
            elif at == ("vb2_buf_done", CODED):
                made[event.buffer.index] = event.seconds
            elif at == ("vb2_dqbuf", CODED) and event.buffer.index in made and event.buffer.stamp in given:
                middle, source = made.pop(event.buffer.index), given.pop(event.buffer.stamp)
                found += [
                    Frame(event.buffer.stamp, source, begin, end, event.seconds)
                    for _thread, begin, end in self.spans
                    if begin < middle < end
                ]
        return found

    @property
    def taken(self) -> int:
        """Buffers dequeued from the capture device."""
        return sum(event.name == "vb2_dqbuf" and event.buffer.type == CAPTURE for event in self.own)

    @property
    def frames(self) -> int:
        """What it made of them; one that encodes on its own takes as many as it encodes."""
        return len(self.spans) or self.taken
