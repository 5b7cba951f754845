"""The daemon's status socket, followed for ever: a line in, a Device out; silence has a name, too."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.status_line import from_json
from epaper.news import News, Silence

RETRY_FIRST, RETRY_MOST = 0.25, 40.0
"""Seconds between two attempts to connect, doubling: the socket is there a little before its daemon answers. A socket
that appears is tried at once, so that nothing has to be polled faster than this."""
FIRST_LINE = 5.0
"""Seconds that the daemon has for the line it owes at connect; a hung one accepts nothing, but its kernel does."""
PATIENCE = 180.0
"""Seconds since the machine's start after which a daemon that never came is no longer "starting";"""
SOON = 10.0
"""since this process's start, where the machine has been up for longer;"""
RETURN = 30.0
"""and since it went, after which it is not expected back: it starts again by itself within seconds."""
LINE_BYTES = 256 * 1024


class Link:
    """Follows one socket and tells every change."""

    def __init__(
        self,
        path: Path,
        tell: Callable[[News], None],
        log: Callable[[str], None],
        clock: Callable[[], float],
        arrival: Callable[[float], Awaitable[bool]],
    ) -> None:
        """`tell` is called on the loop, with repetitions possible; `log` gets one line per new kind of trouble.

        `clock` is in seconds since the machine's start, as the kernel's monotonic one.

        `arrival` waits for the socket to appear, for so many seconds at most, and says whether it did.
        """
        self._path = path
        self._tell = tell
        self._log = log
        self._clock = clock
        self._arrival = arrival
        self._met = False
        self._late: float | None = max(PATIENCE, clock() + SOON)
        """When it is not expected any more; None while it is there."""
        self._delay = RETRY_FIRST
        self._complaint = ""

    async def follow(self) -> None:
        """Run until cancelled."""
        while True:
            silence = await self._listen()
            if self._late is None:
                self._late = self._clock() + RETURN
            until_late = self._late - self._clock()
            if silence is Silence.GONE and until_late <= 0:
                silence = Silence.LATE
            elif silence is Silence.GONE and not self._met:
                silence = Silence.STARTING
            self._tell(silence)
            appeared = await self._arrival(min(self._delay, until_late) if until_late > 0 else self._delay)
            self._delay = RETRY_FIRST if appeared else min(self._delay * 2, RETRY_MOST)

    async def _listen(self) -> Silence:
        """One connection, until it ends or makes no sense."""
        try:
            reader, writer = await asyncio.open_unix_connection(self._path, limit=LINE_BYTES)
        except OSError:
            return Silence.GONE
        try:
            await self._read(reader)
        except TimeoutError:
            return Silence.MUTE
        except ConnectionError:
            pass
        except ValueError as error:
            self._complain(error)
            return Silence.GARBLED
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        return Silence.GONE

    async def _read(self, reader: asyncio.StreamReader) -> None:
        async with asyncio.timeout(FIRST_LINE) as limit:
            while (line := await reader.readline()).endswith(b"\n"):
                self._tell(from_json(line))
                limit.reschedule(None)
                self._met, self._delay, self._late = True, RETRY_FIRST, None

    def _complain(self, error: ValueError) -> None:
        """Log a new kind of trouble. The value stays out of it: it may be the claim's code."""
        complaint = str(error).partition(" has value ")[0]
        if complaint != self._complaint:
            self._complaint = complaint
            self._log(f"status not understood: {complaint}")
