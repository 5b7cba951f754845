"""The daemon's status socket, followed for ever: a line in, a Device out; silence has a name, too."""

from __future__ import annotations

import asyncio
import contextlib
import enum
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.status import Device, from_json

RETRY_FIRST, RETRY_MOST = 0.25, 40.0
"""Seconds between two attempts to connect, doubling: the socket is there a little before its daemon answers. A socket
that appears is tried at once, so that nothing has to be polled faster than this."""
FIRST_LINE = 5.0
"""Seconds that the daemon has for the line it owes at connect; a hung one accepts nothing, but its kernel does."""
PATIENCE = 180.0
"""Seconds after which a daemon that never came is no longer "starting"."""
LINE_BYTES = 256 * 1024


class Silence(enum.Enum):
    """Why there is no status."""

    STARTING = "starting"
    LATE = "late"
    """Never seen, for longer than a start may take."""
    GONE = "gone"
    MUTE = "mute"
    """Somebody accepts, and does not say a word."""
    GARBLED = "garbled"


News = Device | Silence


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

        `arrival` waits for the socket to appear, for so many seconds at most, and says whether it did.
        """
        self._path = path
        self._tell = tell
        self._log = log
        self._clock = clock
        self._arrival = arrival
        self._met = False
        self._delay = RETRY_FIRST
        self._complaint = ""

    async def follow(self) -> None:
        """Run until cancelled."""
        late = self._clock() + PATIENCE
        while True:
            silence = await self._listen()
            if silence is Silence.GONE and not self._met:
                silence = Silence.LATE if self._clock() >= late else Silence.STARTING
            self._tell(silence)
            until_late = late - self._clock()
            appeared = await self._arrival(min(self._delay, until_late) if until_late > 0 else self._delay)
            self._delay = RETRY_FIRST if appeared else min(self._delay * 2, RETRY_MOST)

    async def _listen(self) -> Silence:
        """One connection, until it ends or makes no sense."""
        try:
            reader, writer = await asyncio.open_unix_connection(self._path, limit=LINE_BYTES)
        except OSError:
            return Silence.GONE
        try:
            return await self._read(reader)
        except TimeoutError:
            return Silence.MUTE
        except ConnectionError:
            return Silence.GONE
        except ValueError as error:
            self._complain(error)
            return Silence.GARBLED
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader) -> Silence:
        async with asyncio.timeout(FIRST_LINE) as limit:
            while (line := await reader.readline()).endswith(b"\n"):
                self._tell(from_json(line))
                limit.reschedule(None)
                self._met, self._delay = True, RETRY_FIRST
        return Silence.GONE

    def _complain(self, error: ValueError) -> None:
        """Log a new kind of trouble. The value stays out of it: it may be the claim's code."""
        complaint = str(error).partition(" has value ")[0]
        if complaint != self._complaint:
            self._complaint = complaint
            self._log(f"status not understood: {complaint}")
