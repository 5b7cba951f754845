"""Sends reports to one USB HID function, in order, and never late.

While the host takes them, reports leave in the order they came and none is dropped; motion that waits becomes one with newer
motion. When the host does not take them (asleep, unplugged, not configured), what is older than `PATIENCE` is discarded rather
than typed minutes later, the owner is told, and the first report the host takes again lets go of everything.

What the kernel has queued cannot be taken back, and the host gets it whenever it wakes. So nothing is written that a sleeping
host should not get: the kernel's queue is filled with the report that lets go of everything.

What the kernel has queued can also be lost, without an error, when the host sets the device up again. Then everything is let go
of, and said until the host has taken it, and once more when it has settled: Linux throws away what it takes in the first 50 ms.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress

from app.hid.backlog import Backlog, Join, Undelivered
from app.hid.port import Port, words
from app.hid.watch import Watch

PATIENCE = 0.45
"""Seconds a report may wait for the host: none is to arrive more than half a second late, and the bus has its share of that."""

_RETRY = 1.0
"""Seconds until another node is looked for while there is no host or no node; a suspended host needs none, its descriptor becomes writable."""

_QUEUED_MOST = 8
"""Reports that a kernel may queue for a host that does not poll: f_hid keeps one, a controller's FIFO another."""

_SAID = 4
"""How often a host that has just set us up is told: of the first three it has taken one, and the last is for when it has settled."""

_SETTLED = 0.1
"""Seconds until a host that takes reports listens to them. Source: usbhid_open in drivers/hid/usbhid/hid-core.c waits 50 ms."""

_NOTICED = 2.0
"""Seconds after which whoever watches the cable has long seen what was noticed here at once: it looks every second."""

_ASLEEP = "the target is asleep, or does not answer on USB"
_ANEW = "the target has woken, or set up its USB devices again"


class Output:
    """One function's queue. Lives on the event loop; nothing blocks.

    Args:
        port: the device node.
        loop: for readiness and timers; its clock is the only one used.
        state: the report that says what the device holds, and where it is.
        released: makes the device hold nothing, and returns the report that says so. Called whenever reports were discarded:
            what the device held was in them, or will be let go of on the target.
        lost: told how many reports were discarded and why, motion not counted.
        received: told each output report of the host (lock LEDs), and None when the host has turned away: what it said before is
            true no more.
    """

    def __init__(
        self,
        port: Port,
        loop: asyncio.AbstractEventLoop,
        state: Callable[[], bytes],
        released: Callable[[], bytes],
        *,
        lost: Callable[[int, str], None],
        received: Callable[[bytes | None], None] | None = None,
    ) -> None:
        self._port = port
        self._loop = loop
        self._state = state
        self._released = released
        self._lost = lost
        self._received = received
        self.trouble = ""
        """Why the host takes nothing, in words; empty while nothing else is known than that it does."""
        self._backlog = Backlog()
        self._owed: bytes | None = None
        self._freed = -math.inf
        """When everything was let go of last."""
        self._pressed = math.inf
        """When the first key or button changed since: no press is older."""
        self._unsaid = 0
        """How often the state has yet to be said to a host that may have lost it."""
        self._open = False
        """Whether nothing stands between a report and the host, as far as is known: nothing waits, is owed or has to be said first."""
        self._believed = True
        """Whether the port is believed when it calls the host asleep: not after the host took a report all the same."""
        self._watch = Watch(port, loop)
        self._timer: asyncio.TimerHandle | None = None
        self._settling: asyncio.TimerHandle | None = None

    def renew(self) -> None:
        """Begin, or begin again: the host may have lost what it was told last, or hold what an earlier run told it.

        Nothing happens where that was noticed already: what was pressed since is not let go of. But a node that refuses is tried at once:
        the next one is there by now, and what is typed to a target that is said to be ready is not to be lost.
        """
        if self._watch.refused:
            self._again()
        elif self._loop.time() - self._freed > _NOTICED:
            self._let_go()
            self._discard(_ANEW)
            self._flush()

    async def stop(self) -> None:
        """Let go of everything, wait for the host to take that as long as any report may wait, and give the node back."""
        self._discard("the device stops")
        with suppress(Undelivered):
            await self.deliver(self._state())
        self._let_go()

    def send(self, report: bytes, join: Join | None = None, *, age: float = 0.0) -> None:
        """Queue one report.

        Args:
            report: as long as the function's reports are.
            join: marks motion, which becomes one with motion of the same kind that still waits.
            age: seconds that it has been under way already.
        """
        if join is None:
            self._pressed = min(self._pressed, self._loop.time() - age)
        if not self._open or age > PATIENCE or self._asleep():
            self._queue(report, join, age)
            return
        try:
            self._port.write(report)  # nearly always: nothing waits, and the host is there
        except BlockingIOError:
            self._queue(report, join, age)
        except OSError as error:
            self._backlog.add(report, self._loop.time(), join)
            self._lose(error)

    async def deliver(self, report: bytes) -> None:
        """Queue one report and wait until the host takes it. Raises Undelivered when it is discarded instead."""
        taken = self._loop.create_future()
        self._backlog.add(report, self._loop.time() + PATIENCE, taken=taken)
        self._serve()
        await taken

    def _queue(self, report: bytes, join: Join | None, age: float) -> None:
        self._backlog.add(report, self._loop.time() - age + PATIENCE, join)
        self._serve()

    def _serve(self) -> None:
        """Write at once, or see to it that what waits does not wait too long."""
        if not self._watch.waiting:
            self._flush()
        elif self._timer is None:
            self._timer = self._loop.call_at(self._backlog.due, self._expire)

    def _flush(self) -> None:
        self._open = False
        self._disarm()
        try:
            self._drain()
        except BlockingIOError:
            self._watch.listen(self._read)
            self._wait()
        except OSError as error:
            self._lose(error)
        else:
            self._watch.listen(self._read)
            self.trouble = ""
            self._open = True

    def _drain(self) -> None:
        """Write what waits. Raises BlockingIOError when the host has to take something first, OSError when there is none."""
        self._backlog.arrived()
        if self._backlog and self._backlog.due < self._loop.time():
            self._discard(_ASLEEP)
        if self._owed is not None:
            self._port.write(self._owed)
            self._owed = None
        if self._asleep():
            self.trouble = _ASLEEP
            self._discard(_ASLEEP)
            self._occupy()
        while self._backlog:
            self._port.write(self._backlog.report)
            if self._backlog.written():
                raise BlockingIOError
        self._say()

    def _say(self) -> None:
        """Tell a host that may have lost it what is held. Raises like `_drain`."""
        while self._unsaid > (self._settling is not None):
            if self._loop.time() - self._pressed > PATIENCE:
                self._free(_ANEW)  # what is held may be news to the host
            self._port.write(self._state())
            self._unsaid -= 1
            if self._unsaid == 1:
                self._settling = self._loop.call_later(_SETTLED, self._settle)

    def _settle(self) -> None:
        self._settling = None
        if not self._watch.waiting:
            self._flush()

    def _asleep(self) -> bool:
        asleep = self._port.asleep()
        if not asleep:
            self._believed = True
        return asleep and self._believed

    def _occupy(self) -> None:
        """Leave no room in the kernel's queue. Raises BlockingIOError when that is done; otherwise the host takes reports."""
        assert self._owed is not None
        for _ in range(_QUEUED_MOST):
            self._port.write(self._owed)
        self._believed = False

    def _let_go(self) -> None:
        """Give the node back."""
        self._doubt()
        self._watch.close()

    def _doubt(self) -> None:
        """What the node took may be lost, and it is watched no more."""
        self._open = False
        self._disarm()
        self._watch.end()
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None
        self._unsaid = _SAID

    def _wait(self) -> None:
        self._watch.wait(self._taken)
        if self._backlog:
            self._timer = self._loop.call_at(self._backlog.due, self._expire)

    def _taken(self) -> None:
        """The host took a report, so it is awake whatever the port says of it."""
        self._believed = False
        self.trouble = ""
        self._flush()

    def _expire(self) -> None:
        """Too late. Trying again tells a host that does not listen from a node that is nobody's any more, which is never writable."""
        self._timer = None
        self.trouble = _ASLEEP
        self._discard(_ASLEEP)
        self._flush()

    def _discard(self, reason: str) -> None:
        """Forget what waits, and let go of everything. What comes after would lack its context, so the whole queue goes."""
        self._owed = self._free(reason, self._backlog.forget(reason))

    def _free(self, reason: str, lost: int = 0) -> bytes:
        """Let go of everything, and tell the owner if that is news; the report that says so."""
        held = self._state()
        report = self._released()
        self._freed, self._pressed = self._loop.time(), math.inf
        if lost or held != report:
            self._lost(max(lost, 1), reason)
        return report

    def _lose(self, error: OSError) -> None:
        """The node refuses: whatever was under way is lost, and so is what comes until it does not refuse any more.

        It stays open, for a host that comes back makes it work again, and no file is opened for a report. But the gadget may have been
        made anew: another node is looked for at once if this is news, and later again.
        """
        retry = _RETRY if self._unsaid else 0.0
        self._doubt()
        self.trouble = words(error)
        if self._received is not None:
            self._received(None)
        self._discard(self.trouble)
        self._watch.retry(retry, self._again)

    def _again(self) -> None:
        self._let_go()
        self._flush()

    def _disarm(self) -> None:
        self._watch.wait_no_more()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _read(self) -> None:
        try:
            while (report := self._port.read()) is not None:
                if self._received is not None:
                    self._received(report)
        except OSError as error:
            self._lose(error)
