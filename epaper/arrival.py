"""Tells when a file appears, without looking for it: inotify(7), through the C library."""

from __future__ import annotations

import asyncio
import ctypes
import os
import struct
from pathlib import Path

_CREATE, _MOVED_TO, _ATTRIB, _ONLYDIR = 0x100, 0x80, 0x4, 0x01000000
_APPEARS = _CREATE | _MOVED_TO | _ATTRIB
_EVENT = struct.Struct("iIII")  # watch, mask, cookie, length of the name that follows


class Arrival:
    """Waits for a path whose folder may not exist yet, either.

    One watch for life, although many folders come and go under it: to close one the kernel makes its process sleep.
    """

    def __init__(self, path: Path) -> None:
        """`path` is absolute."""
        self._path = path
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._watch = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)

    async def wait(self, seconds: float) -> bool:
        """True as soon as the path, or the first missing folder on the way to it, appears or changes its mode.

        False after `seconds`, which is also all that happens where the kernel lends no watch.
        """
        if self._watch < 0:
            await asyncio.sleep(seconds)
            return False
        folder, name = self._next()
        self._libc.inotify_add_watch(self._watch, os.fsencode(folder), _APPEARS | _ONLYDIR)
        try:
            async with asyncio.timeout(seconds):
                while os.fsencode(name) not in await _names(self._watch):
                    pass
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Give the watch back."""
        if self._watch >= 0:
            os.close(self._watch)

    def _next(self) -> tuple[Path, str]:
        """The folder to watch, and the name to watch for."""
        path = self._path
        while not path.parent.is_dir():
            path = path.parent
        return path.parent, path.name


async def _names(watch: int) -> list[bytes]:
    """What the next events are about."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(watch, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(watch)
    data, names = os.read(watch, 65536), []
    while data:
        length = _EVENT.unpack_from(data)[3]
        names.append(data[_EVENT.size : _EVENT.size + length].rstrip(b"\0"))
        data = data[_EVENT.size + length :]
    return names
