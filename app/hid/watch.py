"""When the event loop calls about a port: it can be read, it can be written, or it has refused and is to be tried again.

A descriptor that is closed cannot be taken off the loop any more, so the port is closed here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.hid.port import Port


class Watch:
    """One port on the loop."""

    def __init__(self, port: Port, loop: asyncio.AbstractEventLoop) -> None:
        self._port = port
        self._loop = loop
        self._reading: int | None = None
        self._writing: int | None = None
        self._retry: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> bool:
        """Whether the host has to take something first."""
        return self._writing is not None

    @property
    def refused(self) -> bool:
        """Whether the port has refused, and is to be tried again."""
        return self._retry is not None

    def listen(self, heard: Callable[[], None]) -> None:
        """To what the host sends, and for the error with which the kernel says that the host has turned away.

        Whoever can listen need not try again.
        """
        self._forget()
        if self._reading is None:
            self._reading = self._port.fileno()
            self._loop.add_reader(self._reading, heard)

    def wait(self, taken: Callable[[], None]) -> None:
        """Until the host has taken something."""
        self._writing = self._port.fileno()
        self._loop.add_writer(self._writing, taken)

    def wait_no_more(self) -> None:
        """Whoever waited does something else now."""
        if self._writing is not None:
            self._loop.remove_writer(self._writing)
            self._writing = None

    def end(self) -> None:
        """The descriptor is not watched any more, and stays open."""
        self.wait_no_more()
        if self._reading is not None:
            self._loop.remove_reader(self._reading)
            self._reading = None

    def retry(self, seconds: float, again: Callable[[], None]) -> None:
        """Try again after that time; where that is coming up already, it comes then."""
        if self._retry is None:
            self._retry = self._loop.call_later(seconds, again)

    def close(self) -> None:
        """Give the node back."""
        self.end()
        self._forget()
        self._port.close()

    def _forget(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
