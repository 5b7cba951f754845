"""Sends reports to one USB HID function, in order, and never late.

While the host takes them, reports leave in the order they came and none is dropped; motion that waits is replaced by newer
motion. When the host does not take them (asleep, unplugged, not configured), what is older than
`PATIENCE` is discarded rather than typed minutes later, the owner is told, and as soon as the host takes reports again the
first one lets go of everything: a press that the kernel had queued before the host fell asleep cannot stick.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from app.hid.port import Port

PATIENCE = 0.5
"""Seconds a report may wait for the host."""

_RETRY = 1.0
"""Seconds between tries while there is no host or no node; a suspended host needs none, its descriptor becomes writable."""

_ASLEEP = "the target's USB host is asleep or does not answer"


@dataclass(slots=True)
class _Waiting:
    report: bytes
    due: float
    """Loop time at which it is too old."""
    motion: bool


class Output:
    """One function's queue. Lives on the event loop; nothing blocks.

    Args:
        port: the device node.
        loop: for readiness and timers; its clock is the only one used.
        released: the report that lets go of everything, asked for when it is needed.
        lost: told how many reports were discarded and why.
        received: told each output report of the host (lock LEDs).
    """

    def __init__(
        self,
        port: Port,
        loop: asyncio.AbstractEventLoop,
        released: Callable[[], bytes],
        lost: Callable[[int, str], None],
        received: Callable[[bytes], None] | None = None,
    ) -> None:
        self._port = port
        self._loop = loop
        self._released = released
        self._lost = lost
        self._received = received
        self._queue: deque[_Waiting] = deque()
        self._owes_release = False
        self._watched: int | None = None
        self._reading: int | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Let go of whatever an earlier run held, and listen to the host."""
        self._owes_release = True
        self._flush()

    def stop(self) -> None:
        """Let go of everything now if the host takes it, and give the node back."""
        self._queue.clear()
        self._owes_release = True
        self._flush()
        self._let_go()

    def send(self, report: bytes, *, motion: bool = False) -> None:
        """Queue one report; `motion` marks one whose only news is a newer position: a change of buttons is none."""
        if motion and self._queue and self._queue[-1].motion:
            self._queue[-1].report = report
        else:
            self._queue.append(_Waiting(report, self._loop.time() + PATIENCE, motion))
        if self._watched is None:
            self._flush()
        elif self._timer is None:
            self._timer = self._loop.call_at(self._queue[0].due, self._expire)

    def _flush(self) -> None:
        self._disarm()
        try:
            self._drain()
        except BlockingIOError:
            self._wait_writable()
        except OSError as error:
            self._let_go()
            self._discard(error.strerror or str(error))
            self._timer = self._loop.call_later(_RETRY, self._flush)
        else:
            self._listen()

    def _drain(self) -> None:
        """Write what waits. Raises BlockingIOError when the host takes no more, OSError when there is none."""
        if self._queue and self._queue[0].due < self._loop.time():
            self._discard(_ASLEEP)
        if self._owes_release:
            self._write(self._released())
            self._owes_release = False
        while self._queue:
            self._write(self._queue[0].report)
            self._queue.popleft()

    def _write(self, report: bytes) -> None:
        try:
            self._port.write(report)
        except BlockingIOError:
            raise
        except OSError:
            # The node may be that of a gadget which was made anew meanwhile: look for it again, once.
            self._let_go()
            self._port.write(report)

    def _let_go(self) -> None:
        """Give the node back, watched by nobody any more: a closed descriptor cannot be taken off the loop."""
        self._disarm()
        self._stop_listening()
        self._port.close()

    def _wait_writable(self) -> None:
        self._watched = self._port.fileno()
        self._loop.add_writer(self._watched, self._flush)
        if self._queue:
            self._timer = self._loop.call_at(self._queue[0].due, self._expire)

    def _expire(self) -> None:
        self._timer = None
        self._discard(_ASLEEP)

    def _discard(self, reason: str) -> None:
        """Forget what waits. Everything after it would lack its context, so the whole queue goes."""
        keys = sum(not waiting.motion for waiting in self._queue)
        self._queue.clear()
        self._owes_release = True
        if keys:
            self._lost(keys, reason)

    def _disarm(self) -> None:
        if self._watched is not None:
            self._loop.remove_writer(self._watched)
            self._watched = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _listen(self) -> None:
        if self._received is not None and self._reading is None:
            self._reading = self._port.fileno()
            self._loop.add_reader(self._reading, self._read)

    def _stop_listening(self) -> None:
        if self._reading is not None:
            self._loop.remove_reader(self._reading)
            self._reading = None

    def _read(self) -> None:
        assert self._received is not None
        try:
            while (report := self._port.read()) is not None:
                self._received(report)
        except OSError:
            self._let_go()
            self._owes_release = True
            self._timer = self._loop.call_later(_RETRY, self._flush)
