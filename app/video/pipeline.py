"""The thread that owns the video descriptors: a driver call may block for seconds, and must not stop the event loop."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable

from app.status import Encoder as EncoderStatus
from app.status import Signal
from app.video.capture import Capture
from app.video.encoder import EncoderFactory
from app.video.frame import AccessUnit
from app.video.source import Source, SourceError

_TICK_MS = 500
"""How long the thread sleeps at most: the capture has time-outs of its own to mind."""


class Pipeline:
    """Capture and encoder on their thread. The methods may be called from any other.

    Args:
        open_source: finds and opens the input; raises SourceError while there is none.
        make_encoder: a session's encoder.
        clock: microseconds, monotonic.
        report: told the signal's and encoder's state; called on the thread.
        publish: given each access unit; called on the thread.
    """

    def __init__(
        self,
        open_source: Callable[[], Source],
        make_encoder: EncoderFactory,
        clock: Callable[[], int],
        report: Callable[[Signal | EncoderStatus], object],
        publish: Callable[[AccessUnit], object],
    ) -> None:
        self._open_source = open_source
        self._make_encoder = make_encoder
        self._clock = clock
        self._report = report
        self._publish = publish
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._stopping = False
        self._watched = False
        self._key_wanted = False
        self._bitrate: int | None = None
        self._divisor = 1
        self._thread = threading.Thread(target=self._run, name="video", daemon=True)

    def start(self) -> None:
        """Begin to look for the input."""
        self._thread.start()

    def stop(self) -> None:
        """End the session, give the device back and wait for the thread (a driver may take 2 s to stop)."""
        self._stopping = True
        self._poke()
        self._thread.join()
        os.close(self._wake)

    def watch(self, watched: bool) -> None:
        """Whether anybody wants the picture."""
        self._watched = watched
        self._poke()

    def request_key(self) -> None:
        """Make the next frame a key frame."""
        self._key_wanted = True
        self._poke()

    def set_bitrate(self, bits_per_second: int) -> None:
        """What the encoder aims at from now on."""
        self._bitrate = bits_per_second
        self._poke()

    def set_frame_divisor(self, divisor: int) -> None:
        """Encode one of so many of the source's frames, at least 1."""
        self._divisor = divisor
        self._poke()

    def _poke(self) -> None:
        os.eventfd_write(self._wake, 1)

    def _run(self) -> None:
        while not self._stopping:
            try:
                source = self._open_source()
            except SourceError as error:
                self._report(Signal("unknown", reason=str(error)))
                self._sleep({}, 1000)
                continue
            capture = Capture(source, self._make_encoder, self._clock, self._report, self._publish)
            try:
                self._serve(capture)
            except SourceError as error:
                self._report(Signal("unknown", reason=str(error)))
                self._sleep({}, 1000)
            finally:
                capture.close()

    def _serve(self, capture: Capture) -> None:
        while not self._stopping:
            capture.watch(self._watched)
            capture.set_frame_divisor(self._divisor)
            if self._bitrate is not None:
                capture.set_bitrate(self._bitrate)
            if self._key_wanted:
                self._key_wanted = False
                capture.request_key()
            capture.step()
            self._sleep(capture.descriptors(), _TICK_MS)

    def _sleep(self, descriptors: dict[int, int], milliseconds: int) -> None:
        poller = select.poll()
        poller.register(self._wake, select.POLLIN)
        for descriptor, events in descriptors.items():
            poller.register(descriptor, events)
        for descriptor, _events in poller.poll(milliseconds):
            if descriptor == self._wake:
                os.eventfd_read(self._wake)
