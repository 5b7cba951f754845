"""Keeps one HDMI input and one encoder going together. Theory of operation:

1. The signal is always watched. Without a session it is asked for every `PROBE` seconds and whenever the source says it changed; every
   answer is reported.
2. A session (buffers, stream, encoder) exists while the signal is locked and somebody watches, and stays for `IDLE` seconds
   after the last watcher: repeated tear-down can hang the board's encoder. Without watchers the filled buffers are left
   alone, which costs nothing; on return they are stale and go straight back.
3. A change of the source ends the session before anything else is asked: buffers are freed before timings are set.
4. Of several captured frames only the newest is encoded; one frame is in the encoder at a time and one waits, replaced by a
   newer one. A buffer goes back to the source only when the encoder has let go of it. With a divisor above 1 only every
   so manieth of the source's frames is taken at all: here, before it costs anything.
5. The board's driver falls silent when the cable is pulled. After `SILENCE` without a frame the signal is asked for; a session
   that stays silent for twice as long is ended and made anew.
"""

from __future__ import annotations

import select
from collections.abc import Callable

from app.status import Encoder as EncoderStatus
from app.status import Signal
from app.video.encoder import Encoder, EncoderError, EncoderFactory
from app.video.frame import AccessUnit, RawFrame
from app.video.source import NoSignal, Source, SourceError, SourceGone

PROBE = 1_000_000
SILENCE = 1_000_000
IDLE = 600_000_000
"""All in microseconds, like the clock."""


class Capture:
    """The state machine; owned by one thread, which polls `descriptors` and calls `step`.

    Args:
        source: the input.
        make_encoder: a session's encoder.
        clock: microseconds, monotonic.
        report: told what the signal and the encoder are now, equal values included.
        publish: given each access unit.
    """

    def __init__(
        self,
        source: Source,
        make_encoder: EncoderFactory,
        clock: Callable[[], int],
        report: Callable[[Signal | EncoderStatus], object],
        publish: Callable[[AccessUnit], object],
    ) -> None:
        self._source = source
        self._make_encoder = make_encoder
        self._clock = clock
        self._report = report
        self._publish = publish
        self._signal = Signal()
        self._encoder: Encoder | None = None
        self._watched = False
        self._stale = False
        self._waiting: RawFrame | None = None
        self._busy = False
        self._bitrate: int | None = None
        self._divisor = 1
        self._taken: int | None = None
        self._probe_due = 0
        self._last_frame = 0
        self._last_watched = 0
        self.replaced = 0
        """Frames that a newer one overtook before they were encoded."""

    def descriptors(self) -> dict[int, int]:
        """What to poll for: descriptor to events."""
        wanted = {self._source.fileno(): select.POLLPRI}
        if self._encoder is not None and self._watched:
            wanted[self._source.fileno()] |= select.POLLIN
            encoder = self._encoder.fileno()
            if encoder is not None:
                wanted[encoder] = select.POLLIN
        return wanted

    def watch(self, watched: bool) -> None:
        """Whether anybody wants the picture."""
        if watched and not self._watched:
            self._stale = True
            self._last_frame = self._clock()
            self._probe_due = 0
        if self._watched and not watched:
            self._last_watched = self._clock()
        self._watched = watched

    def request_key(self) -> None:
        """Make the next frame a key frame; the first of a session is one anyway."""
        if self._encoder is not None:
            self._encoder.request_key()

    def set_bitrate(self, bits_per_second: int) -> None:
        """What this and every later session of the encoder aims at."""
        if bits_per_second == self._bitrate:
            return
        self._bitrate = bits_per_second
        if self._encoder is not None:
            self._encoder.set_bitrate(bits_per_second)

    def set_frame_divisor(self, divisor: int) -> None:
        """Encode one of so many of the source's frames, at least 1."""
        self._divisor = divisor

    def step(self) -> None:
        """Do what is due. Raises SourceGone, after which only `close` is allowed."""
        if self._source.changed():
            self._end()
            self._probe_due = 0
        try:
            if self._encoder is None:
                self._look()
            elif self._watched:
                self._feed(self._encoder)
                self._mind_silence()
            elif self._clock() - self._last_watched > IDLE:
                self._end()
        except SourceGone:
            raise
        except SourceError as error:
            self._end()
            self._tell(Signal("unsupported", self._signal.width, self._signal.height, self._signal.fps, str(error)))
            self._probe_due = self._clock() + PROBE
        except EncoderError as error:
            self._end()
            self._report(EncoderStatus("failed", "", str(error)))
            self._probe_due = self._clock() + PROBE

    def close(self) -> None:
        """End the session and give the source back."""
        self._end()
        self._source.close()

    def _look(self) -> None:
        if self._clock() >= self._probe_due:
            self._probe_due = self._clock() + PROBE
            self._tell(self._source.signal())
            if self._watched and self._signal.state == "locked":
                self._begin()

    def _begin(self) -> None:
        try:
            raw, buffers = self._source.start()
            self._encoder = self._make_encoder(raw, buffers)
        except NoSignal:
            self._source.stop()
            return
        except (SourceError, EncoderError):
            self._source.stop()
            raise
        if self._bitrate is not None:
            self._encoder.set_bitrate(self._bitrate)
        self._stale, self._taken = False, None
        self._last_frame = self._clock()
        self._report(EncoderStatus("running", self._encoder.name))

    def _feed(self, encoder: Encoder) -> None:
        newest = self._newest()
        if newest is not None:
            self._last_frame = self._clock()
            if self._waiting is not None:
                self._source.give(self._waiting.index)
                self.replaced += 1
            self._waiting = newest
        self._collect(encoder)
        if self._waiting is not None and not self._busy:
            encoder.submit(self._waiting)
            self._waiting, self._busy = None, True
            if encoder.fileno() is None:
                self._collect(encoder)

    def _collect(self, encoder: Encoder) -> None:
        released, units = encoder.collect()
        for index in released:
            self._source.give(index)
            self._busy = False
        for unit in units:
            self._publish(unit)

    def _newest(self) -> RawFrame | None:
        """The newest captured frame; older ones go back, and so do all that were captured before anybody watched."""
        newest = None
        while (frame := self._source.take()) is not None:
            if self._taken is not None and 0 <= frame.sequence - self._taken < self._divisor:
                self._last_frame = self._clock()
                self._source.give(frame.index)
                continue
            self._taken = frame.sequence
            if newest is not None:
                self._source.give(newest.index)
                self.replaced += 1
            newest = frame
        if self._stale:
            self._stale = False
            self.request_key()
            if newest is not None:
                self._source.give(newest.index)
            return None
        return newest

    def _mind_silence(self) -> None:
        silent = self._clock() - self._last_frame
        if silent > SILENCE and self._clock() >= self._probe_due:
            self._probe_due = self._clock() + PROBE
            self._tell(self._source.signal())
            if self._signal.state != "locked" or silent > 2 * SILENCE:
                self._end()

    def _tell(self, signal: Signal) -> None:
        self._signal = signal
        self._report(signal)

    def _end(self) -> None:
        if self._encoder is not None:
            self._encoder.close()
            self._encoder = None
            self._report(EncoderStatus())
        self._waiting, self._busy = None, False
        self._source.stop()
