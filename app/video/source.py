"""What the pipeline needs of a video input; `v4l2` and `app.sim` implement it."""

from __future__ import annotations

from typing import Protocol

from app.status import Signal
from app.video.frame import RawFormat, RawFrame


class SourceError(Exception):
    """The input cannot deliver frames now."""


class NoSignal(SourceError):
    """There are no timings to stream with; `signal()` says what is missing."""


class SourceGone(SourceError):
    """The device went away (ENODEV): close it and look for it again."""


class Source(Protocol):
    """One HDMI input. Owned by one thread; nothing here is safe to call from another.

    The buffers are exported as DMABUF file descriptors and never mapped here: an encoder imports them,
    or maps the descriptor itself if it has no other way.
    """

    name: str

    def fileno(self) -> int:
        """For poll: readable when `take` has a frame, exceptional (POLLPRI) when `changed` has news."""

    def signal(self) -> Signal:
        """Ask the hardware now. A missing signal is an answer; raises SourceGone when the device is gone."""

    def offer(self, edid: bytes) -> None:
        """Let the target see a display with this EDID, which it reads before it sends a picture.

        Nothing happens when that is what it sees already: a display that is plugged in anew makes the target rearrange its
        windows. Not while started. Raises SourceError, with words for the user.
        """

    def withdraw(self) -> None:
        """Let the target see no display at all, until the next `offer`. Not while started. Raises SourceError."""

    def start(self) -> tuple[RawFormat, tuple[int, ...]]:
        """Adopt the current timings, allocate and export the buffers, queue all, and start streaming.

        Returns the format and the DMABUF descriptors by buffer index; they stay open until `stop`.
        Raises NoSignal when the timings vanished meanwhile, SourceError (with words for the user) otherwise.
        """

    def take(self) -> RawFrame | None:
        """The oldest filled buffer, or None. It is the caller's until `give`. Raises SourceError on a broken stream."""

    def give(self, index: int) -> None:
        """Hand a buffer back to be filled again."""

    def changed(self) -> bool:
        """Whether the source's timings changed since the last call; drains the pending events."""

    def stop(self) -> None:
        """Stop streaming and free the buffers, exported descriptors included. Does nothing when not started."""

    def close(self) -> None:
        """Stop, and give the device back."""
