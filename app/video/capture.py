"""Keeps watch over one HDMI input, and streams from it while somebody wants the picture. Theory of operation:

1. The signal is always watched: it is asked for whenever the source says it changed, every `PROBE` seconds while nothing streams, and while
   something streams whenever no frame shows that it is there. Every answer is reported.
2. A target sends nothing before it has read an EDID, and the bridge forgets its EDID with its supply, unannounced. It is offered
   before the signal is first asked for, and again with every question while there is none.
3. The stream (the source's buffers, and the feeder's encoder on them) exists while the signal is locked and somebody watches, and
   stays for `IDLE` seconds after the last watcher: repeated tear-down can hang the board's encoder. Without watchers the filled
   buffers are left alone, which costs nothing; on return they are stale and go straight back.
4. When the source says that it changed, it is asked before another frame is taken. Any other answer than before ends the stream: buffers
   are freed before timings are set. The same answer does not: the board's driver announces late, and what has begun meanwhile is right.
5. The board's driver falls silent when the cable is pulled. After `SILENCE` without a frame the signal is asked for; a stream
   that stays silent for `PATIENCE` is ended and begun anew. As long as no frame comes that is said, and each stream is given twice
   the time of the one before, up to `LONGEST`.
6. To replug, the stream ends, the display is withdrawn for `UNPLUGGED`, and then offered like at the start.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Mapping
from dataclasses import replace

from app.status import Signal
from app.video.encoder import EncoderError
from app.video.feeder import Feeder
from app.video.source import NoSignal, Source, SourceError, SourceGone

PROBE = 1_000_000
SILENCE = 1_000_000
PATIENCE = 2_000_000
LONGEST = 60_000_000
IDLE = 600_000_000
UNPLUGGED = 1_000_000
"""All in microseconds, like the clock."""
WOBBLE = 0.3e-3
"""Seconds between two lengths of a frame that may be one: the TC358743 counts tenths of a millisecond, and its driver makes a whole
number of Hz of them, so that 800x600 at 60.317 Hz is 60 or 61 (hardware.md 3.3). 24 and 25 Hz are 1.7 ms apart."""
BARREN = "there is a signal, but no frame arrives"


class Capture:
    """The state machine; owned by one thread, which polls `descriptors` and calls `step`.

    Args:
        source: the input.
        feeder: what takes the frames on.
        clock: microseconds, monotonic.
        report: told what the signal is now, equal values included.
        edid: the display that the target is to see.
    """

    def __init__(
        self,
        source: Source,
        feeder: Feeder,
        clock: Callable[[], int],
        report: Callable[[Signal], object],
        edid: bytes,
    ) -> None:
        self._source = source
        self._feeder = feeder
        self._clock = clock
        self._report = report
        self._edid = edid
        self._edid_refused = ""
        self._replug = False
        self._plugged_from = 0
        self._signal = Signal()
        self._watched = False
        self._probe_due = 0
        self._last_frame = 0
        self._patience = PATIENCE
        self._last_watched = 0

    def descriptors(self) -> dict[int, int]:
        """What to poll for: descriptor to events."""
        wanted = {self._source.fileno(): select.POLLPRI}
        if self._feeder.running and self._watched:
            wanted[self._source.fileno()] |= select.POLLIN
            wanted |= self._feeder.descriptors()
        return wanted

    def watch(self, watched: bool) -> None:
        """Whether anybody wants the picture."""
        if watched and not self._watched:
            self._feeder.resume()
            self._last_frame = self._clock()
            self._probe_due = 0
        if self._watched and not watched:
            self._last_watched = self._clock()
        self._watched = watched

    def replug(self, edid: bytes) -> None:
        """Let the target see its display unplugged, and this one plugged in: some send a picture only then."""
        self._edid = edid
        self._replug = True

    def step(self, ready: Mapping[int, int] | None = None) -> None:
        """Do what is due. Raises SourceGone, after which only `close` is allowed.

        `ready` is what poll has said of `descriptors`: only that is asked, because each question is a system call. None asks all.
        """
        news = select.POLLPRI if ready is None else ready.get(self._source.fileno(), 0)
        try:
            if news & ~select.POLLIN and self._source.changed():
                self._probe_due = 0
                if self._feeder.running:
                    self._ask()
            if self._replug:
                self._unplug()
            elif not self._feeder.running:
                self._look()
            elif self._watched:
                self._feed(ready)
            else:
                self._ask()
                if self._clock() - self._last_watched > IDLE:
                    self._end()
        except SourceGone:
            raise
        except SourceError as error:
            self._end()
            self._tell(replace(self._signal, state="unsupported", reason=str(error)))
            self._probe_due = self._clock() + PROBE
        except EncoderError as error:
            self._end()
            self._feeder.fail(error)
            self._probe_due = self._clock() + PROBE

    def close(self) -> None:
        """End the stream and give the source back."""
        try:
            self._end()
        finally:
            self._source.close()

    def _unplug(self) -> None:
        self._replug = False
        self._end()
        self._source.withdraw()
        self._plugged_from = self._clock() + UNPLUGGED
        self._tell(Signal("no_signal", reason="the target's display is being replugged"))

    def _look(self) -> None:
        """Nothing streams: ask, and begin if there is something and somebody to see it."""
        if self._clock() < max(self._probe_due, self._plugged_from):
            return
        self._probe_due = self._clock() + PROBE
        if self._signal.state != "locked":
            self._offer()
        signal = self._heard(self._source.signal())
        if signal.state != "locked" and self._edid_refused:
            signal = replace(signal, reason=f"{signal.reason} ({self._edid_refused})")
        if self._watched and signal.state == "locked" and self._feeder.ready:
            self._begin(signal)
        else:
            self._tell(signal)

    def _offer(self) -> None:
        """An input that takes no EDID may still have a picture."""
        try:
            self._source.offer(self._edid)
            self._edid_refused = ""
        except SourceGone:
            raise
        except SourceError as error:
            self._edid_refused = str(error)

    def _begin(self, signal: Signal) -> None:
        try:
            raw, buffers = self._source.start()
        except NoSignal:
            return  # gone between the question and now: the next question tells
        except SourceGone:
            raise
        except SourceError as error:
            self._tell(replace(signal, state="unsupported", reason=str(error)))
            return
        # Asked again by the start: another mode may have begun in between.
        self._tell(self._heard(replace(signal, width=raw.width, height=raw.height, fps=raw.fps)))
        self._feeder.begin(self._source, raw, buffers)
        self._last_frame = self._clock()

    def _feed(self, ready: Mapping[int, int] | None) -> None:
        if self._feeder.feed(ready):
            self._last_frame = self._clock()
            if self._patience > PATIENCE:
                self._patience = PATIENCE
                self._tell(self._signal)
        silent = self._clock() - self._last_frame
        if silent > SILENCE:
            self._ask()
        if self._feeder.running and silent > self._patience:
            self._patience = min(2 * self._patience, LONGEST)
            self._end()

    def _ask(self) -> None:
        """Something streams: is the mode still what it was?"""
        if self._clock() < self._probe_due:
            return
        self._probe_due = self._clock() + PROBE
        signal = self._heard(self._source.signal())
        if signal != self._signal:
            self._end()
            self._probe_due = 0
        self._tell(signal)

    def _heard(self, signal: Signal) -> Signal:
        """The signal of before, if this one may be the same: what is measured of a mode is not always the same number."""
        before = self._signal
        alike = signal.fps > 0 < before.fps and replace(signal, fps=before.fps) == before
        return before if alike and abs(1 / signal.fps - 1 / before.fps) < WOBBLE else signal

    def _tell(self, signal: Signal) -> None:
        """Report it, and of one that is there whether it is of use."""
        if signal != self._signal:
            self._patience = PATIENCE
        self._signal = signal
        barren = signal.state == "locked" and self._patience > PATIENCE
        self._report(replace(signal, reason=BARREN) if barren else signal)

    def _end(self) -> None:
        self._feeder.end()
        self._source.stop()
