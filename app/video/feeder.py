"""Takes captured frames to the encoder and its access units to whoever watches.

Of several captured frames only the newest is encoded; one frame is in the encoder at a time and one waits, replaced by a newer
one. A buffer goes back to the source only when the encoder has let go of it. With a divisor above 1 only every so manieth of
the source's frames is taken at all: here, before it costs anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from app.status import Encoder as EncoderStatus
from app.video.encoder import Encoder, EncoderError, EncoderFactory, Stalled
from app.video.frame import AccessUnit, RawFormat, RawFrame
from app.video.grabs import Grabs
from app.video.keys import Keys
from app.video.recovery import Recovery
from app.video.source import Source
from app.video.tally import Tally

STALL: Final = 1_500_000
"""Without an answer from the encoder. The thread looks at least every half second, so it is known within 2 s."""
LATE: Final = 250_000
"""Without an answer after which the encoder is asked with every round, whatever poll says of it."""
NEWS: Final = 1_000_000
"""Between two reports of a running encoder's numbers. All in microseconds, like the clock."""


class Feeder:
    """The encoder's side of the video thread; outlives its encoders, which come and go with the source's mode.

    Args:
        make_encoder: makes the encoder for a raw format.
        recovery: what to do about an encoder that fails.
        clock: microseconds, monotonic.
        report: told what the encoder is now.
        publish: given each access unit.
    """

    def __init__(
        self,
        make_encoder: EncoderFactory,
        recovery: Recovery,
        clock: Callable[[], int],
        report: Callable[[EncoderStatus], object],
        publish: Callable[[AccessUnit], object],
    ) -> None:
        self._make_encoder = make_encoder
        self._recovery = recovery
        self._clock = clock
        self._report = report
        self._publish = publish
        self.grabs = Grabs()
        self.tally = Tally()
        self._keys = Keys()
        self._source: Source
        self._encoder: Encoder | None = None
        self._raw: RawFormat
        self._buffers: Sequence[int]
        self._waiting: RawFrame | None = None
        self._inside: RawFrame | None = None
        self._answered = False
        """Whether the frame inside has given its access unit; its buffer may take longer."""
        self._unanswered: int | None = None
        """Since when nothing has come out."""
        self._broken = False
        """Whether a frame is missing that later ones refer to: what comes before the next key frame cannot be shown."""
        self._stale = False
        self._bitrate: int | None = None
        self._bitrate_told: int | None = None
        self._divisor = 1
        self._divisor_told = 1
        self._taken: int | None = None
        self._told = EncoderStatus()
        self._told_at = 0

    @property
    def running(self) -> bool:
        """Whether there is an encoder: from `begin` to `end`."""
        return self._encoder is not None

    @property
    def ready(self) -> bool:
        """Whether `begin` may be called: an encoder that fails again and again is left alone for a while."""
        return self._recovery.ready

    def begin(self, source: Source, raw: RawFormat, buffers: Sequence[int]) -> None:
        """Make the encoder for what the started source delivers. Raises EncoderError."""
        self._encoder = self._make_encoder(raw, buffers)
        self._source, self._raw, self._buffers = source, raw, buffers
        self._keys = Keys()
        self.tally.begin(len(buffers))
        self._broken = False
        self._stale, self._taken, self._bitrate_told, self._divisor_told = False, None, None, 1

    def end(self) -> None:
        """Let go of the encoder and of every buffer; does nothing when there is none. The source is stopped after this."""
        if self._encoder is not None:
            self._encoder.close()
            self._encoder = None
            self._tell(EncoderStatus())
        self._waiting = self._inside = self._unanswered = None
        self._answered = False

    def fail(self, error: EncoderError) -> None:
        """Say why the encoder has ended."""
        self._tell(self._recovery.failed(error))

    def descriptors(self) -> Mapping[int, int]:
        """What to poll for, besides the source: descriptor to events."""
        return {} if self._encoder is None else self._encoder.descriptors()

    def resume(self) -> None:
        """All that has been captured until now is too old to be shown: the picture goes on with the next frame, a key frame."""
        self._stale = True
        if self._unanswered is not None:
            # Late, so that it is asked at once, and no later than that: a frame that it lost before could be made good by none since.
            self._unanswered = max(self._unanswered, self._clock() - LATE - 1)

    def request_key(self) -> None:
        """Make the next frame a key frame, if the last on request was not just now; an encoder's first is one anyway."""
        self._keys.want()

    def set_bitrate(self, bits_per_second: int) -> None:
        """What this and every later encoder aims at, from the next frame on."""
        self._bitrate = bits_per_second

    def set_frame_divisor(self, divisor: int) -> None:
        """Encode one of so many of the source's frames, at least 1."""
        self._divisor = divisor

    def feed(self, ready: Mapping[int, int] | None) -> bool:
        """Move what can be moved; whether the source delivered. Raises EncoderError, and SourceError of the source.

        `ready` is what poll has said: nobody else is asked, but an encoder that is late. None asks all.
        """
        assert self._encoder is not None
        if ready is None or not ready.keys().isdisjoint(self._encoder.descriptors()) or self._silent_for() > LATE:
            self._collect(self._encoder)
        delivered = (ready is None or self._source.fileno() in ready) and self._take()
        self._submit(self._encoder)
        if self._silent_for() > STALL:
            stalled = Stalled(f"no picture from the encoder for {STALL / 1e6:g} s")
            self._tell(replace(self._told, state="stalled", reason=str(stalled)))
            raise stalled
        return delivered

    def _silent_for(self) -> int:
        """How long the encoder has owed an answer: one for a frame that it lost makes no descriptor ready, nor does one that nobody polled for."""
        return 0 if self._unanswered is None else self._clock() - self._unanswered

    def _take(self) -> bool:
        """Take what the source has filled, and keep the newest; whether there was any."""
        count, newest = 0, None
        while (frame := self._source.take()) is not None:
            count += 1
            self.tally.frame(frame.sequence)
            if self._taken is not None and 0 <= frame.sequence - self._taken < self._divisor:
                self._source.give(frame.index)
                continue
            self._taken = frame.sequence
            newest = self._replace(newest, frame)
        if count:
            self._keys.delivered(self._clock())
            self.tally.taken(count + (self._waiting is not None) + (self._inside is not None))
        if self._stale:
            self._forget(newest)
        elif newest is not None:
            self._waiting = self._replace(self._waiting, newest)
            if self.grabs:
                self.grabs.serve(self._raw, self._buffers[newest.index])
        return count > 0

    def _replace(self, older: RawFrame | None, newer: RawFrame) -> RawFrame:
        """The newer frame, the older one given back."""
        if older is not None:
            self._source.give(older.index)
            if not self._stale:  # nobody was there to see those
                self.tally.overtaken += 1
        return newer

    def _forget(self, newest: RawFrame | None) -> None:
        """Give back what was captured before `resume`."""
        for frame in (newest, self._waiting):
            if frame is not None:
                self._source.give(frame.index)
        self._waiting, self._stale = None, False
        self.tally.forget()
        self._keys.want()

    def _submit(self, encoder: Encoder) -> None:
        if self._waiting is None or self._inside is not None or self._stale:
            return
        now = self._clock()
        if self._bitrate is not None and self._bitrate != self._bitrate_told:
            encoder.set_bitrate(self._bitrate)
            self._bitrate_told = self._bitrate
        if self._divisor != self._divisor_told:
            encoder.set_frame_rate((self._raw.fps or 30) / self._divisor)
            self._divisor_told = self._divisor
        if self._keys.due(now):
            encoder.request_key()
            self._broken = False  # with this frame: not every driver flags its key frames
        self._inside, self._waiting = self._waiting, None
        encoder.submit(self._inside)
        if self._unanswered is None:
            self._unanswered = self._clock()  # one that works while it is given a frame may have taken its time
        if not encoder.descriptors():
            self._collect(encoder)

    def _collect(self, encoder: Encoder) -> None:
        """Take what has come out; what was in the encoder since before `resume` is not shown."""
        finished, units = encoder.collect()
        if units:
            self._answered, self._unanswered = True, None
            self._recovery.worked()
            self._running(encoder)
        for index in finished:
            self._source.give(index)
            if not self._answered:
                self._spoil()
            self._inside, self._answered = None, False
        for unit in units:
            self._broken &= not unit.key
            if self._broken:
                self._spoil()
            elif not self._stale:
                self._publish(unit)

    def _spoil(self) -> None:
        """A frame has come to nothing."""
        self.tally.spoiled += 1
        self._broken = True
        self._keys.want()

    def _running(self, encoder: Encoder) -> None:
        """Say so, and the numbers now and then."""
        now = self._clock()
        if self._told.state != "running" or now - self._told_at >= NEWS:
            self._tell(EncoderStatus("running", encoder.name, encoder.reason))

    def _tell(self, status: EncoderStatus) -> None:
        """Report it, with what has been lost since the start."""
        tally = self.tally
        self._told = replace(
            status, missed=tally.missed, starved=tally.starved, overtaken=tally.overtaken, spoiled=tally.spoiled
        )
        self._told_at = self._clock()
        self._report(self._told)
