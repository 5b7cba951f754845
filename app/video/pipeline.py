"""The thread that owns the video descriptors: a driver call may block for seconds, and must not stop the event loop."""

from __future__ import annotations

import logging
import os
import select
import threading
import traceback
from collections.abc import Callable, Mapping

from app.status import Signal
from app.video.capture import Capture
from app.video.feeder import Feeder
from app.video.snapshot import Deliver
from app.video.source import Source, SourceError

_TICK_MS = 500
"""How long the thread sleeps at most: the capture has time-outs of its own to mind."""

STOP = 5.0
"""Seconds that a stop waits for the thread: a driver may take 2 s for each queue, and one that never returns must not keep the rest."""

LINGER = 10_000_000
"""Microseconds for which frames are still encoded when nobody wants them any more."""

_log = logging.getLogger(__name__)


class Pipeline:
    """Capture and encoder on their thread. The methods may be called from any other.

    Args:
        open_source: finds and opens the input; raises SourceError while there is none.
        feeder: takes the frames on; the thread owns it from `start` on.
        clock: microseconds, monotonic.
        report: told the signal's state; called on the thread.
        edid: the display that the target is to see.
    """

    def __init__(
        self,
        open_source: Callable[[], Source],
        feeder: Feeder,
        clock: Callable[[], int],
        report: Callable[[Signal], object],
        edid: bytes,
    ) -> None:
        self._open_source = open_source
        self._clock = clock
        self._report = report
        self._feeder = feeder
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._stopping = False
        self._watched = False
        self._wanted_until = clock()
        self._key_wanted = False
        self._edid = edid
        self._replug_wanted = False
        self._bitrate: int | None = None
        self._divisor = 1
        self._awake_since = clock()
        self._thread = threading.Thread(target=self._run, name="video", daemon=True)

    def start(self) -> None:
        """Begin to look for the input."""
        self._thread.start()

    def stop(self) -> None:
        """End the session and give the device back, unless a driver does not return; nothing here has any effect afterwards."""
        self._stopping = True
        os.eventfd_write(self._wake, 1)
        self._thread.join(STOP)
        if self._thread.is_alive():
            _log.error("the video's thread is left in a driver that does not return")
        else:
            os.close(self._wake)

    def busy(self) -> int:
        """Microseconds since the thread last woke: more than it ever sleeps if a driver does not return."""
        return self._clock() - self._awake_since

    def watch(self, watched: bool) -> None:
        """Whether anybody wants the picture."""
        self._watched = watched
        self._poke()

    def request_key(self) -> None:
        """Make the next frame a key frame."""
        self._key_wanted = True
        self._poke()

    def show(self, edid: bytes) -> None:
        """Another display for the target, which sees it replugged."""
        self._edid = edid
        self.replug()

    def replug(self) -> None:
        """Let the target see its display unplugged and plugged in again."""
        self._replug_wanted = True
        self._poke()

    def set_bitrate(self, bits_per_second: int) -> None:
        """What the encoder aims at from now on."""
        self._bitrate = bits_per_second
        self._poke()

    def set_frame_divisor(self, divisor: int) -> None:
        """Encode one of so many of the source's frames, at least 1."""
        self._divisor = divisor
        self._poke()

    def grab(self, deliver: Deliver) -> None:
        """Give the next frame, or why it cannot be read, to `deliver` on the thread; waits for ever without a signal."""
        self._feeder.grabs.add(deliver)
        self._poke()

    def withdraw(self, deliver: Deliver) -> None:
        """Nobody waits for that any more; does nothing when it was delivered."""
        self._feeder.grabs.remove(deliver)

    def _poke(self) -> None:
        if not self._stopping:  # its number may be another descriptor's by now
            os.eventfd_write(self._wake, 1)

    def _run(self) -> None:
        said = ""
        while not self._stopping:
            try:
                self._look()
            except SourceError as error:
                self._report(Signal("unknown", reason=str(error)))
            except Exception:  # noqa: BLE001 - whatever it is: without this thread there is no picture until the next start
                words = traceback.format_exc()
                _log.error("the video's thread failed, and starts again: %s", "as before" if words == said else words)
                said = words
                self._report(
                    Signal("unknown", reason="a fault of this software, which starts again; its log says more")
                )
            if not self._stopping:
                self._sleep({}, 1000)

    def _look(self) -> None:
        """At the input, until the thread is to stop. Raises SourceError."""
        capture = Capture(self._open_source(), self._feeder, self._clock, self._report, self._edid)
        try:
            self._serve(capture)
        finally:
            capture.close()

    def _serve(self, capture: Capture) -> None:
        ready: Mapping[int, int] | None = None
        while not self._stopping:
            capture.watch(self._wanted())
            self._feeder.set_frame_divisor(self._divisor)
            if self._bitrate is not None:
                self._feeder.set_bitrate(self._bitrate)
            if self._key_wanted:
                self._key_wanted = False
                self._feeder.request_key()
            if self._replug_wanted:
                self._replug_wanted = False
                capture.replug(self._edid)
            capture.step(ready)
            ready = self._sleep(capture.descriptors(), _TICK_MS)

    def _wanted(self) -> bool:
        """Whether to stream: who leaves often comes back, and who takes one picture often takes another."""
        now = self._clock()
        if self._watched or self._feeder.grabs:
            self._wanted_until = now + LINGER
        return now < self._wanted_until

    def _sleep(self, descriptors: Mapping[int, int], milliseconds: int) -> Mapping[int, int] | None:
        """What is ready; None when nothing was for so long."""
        poller = select.poll()
        poller.register(self._wake, select.POLLIN)
        for descriptor, events in descriptors.items():
            poller.register(descriptor, events)
        ready = dict(poller.poll(milliseconds))
        self._awake_since = self._clock()
        if self._wake in ready:
            os.eventfd_read(self._wake)
        return ready or None
