"""Who did what, from where: never what was typed, never a secret. Lines of JSON in one file of bounded size."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from app import durable
from app.writer import Writer

MOST = 256 << 10
"""Bytes of the file."""
KEPT = MOST // 2
"""What is left of it when it is full."""
_USE = {"control taken", "typed"}
"""What comes with every use: noted once a minute for each user and address."""
_MINUTE = 60.0


class Audit:
    """An entry is synced to the card when its turn is over; a torn last line is skipped by the reader.

    Args:
        path: the file.
        clock: seconds since the epoch, or None while the device does not know.
        uptime: seconds since boot, which are always known.
        writer: keeps it.
        owner: who gets the file; None leaves it ours.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float | None],
        uptime: Callable[[], float],
        writer: Writer,
        owner: durable.Owner | None = None,
    ) -> None:
        self._path = path
        self._clock = clock
        self._uptime = uptime
        self._writer = writer
        self._owner = owner
        self._used: dict[tuple[str, str, str], float] = {}
        self.fault = ""
        """Why the last entry could not be kept; empty when it was."""

    def record(self, event: str, user: str = "", address: str = "", **details: object) -> None:
        """Keep one entry; use is not noted again within a minute."""
        if event in _USE and self._noted(event, user, address):
            return
        now = self._clock()
        entry: dict[str, object] = {
            "time": None if now is None else round(now, 1),
            "uptime": round(self._uptime(), 1),
            "event": event,
        }
        entry.update({"user": user, "address": address, **details})
        line = b"\n" + json.dumps(entry, separators=(",", ":")).encode()
        self._writer.submit(self._keep, line)

    def entries(self) -> Future[list[dict[str, Any]]]:
        """Those recorded so far, the newest first."""
        return self._writer.submit(lambda: [entry for entry, _line in self._read()])

    def _noted(self, *use: str) -> bool:
        """Whether it was within the last minute; if not, it is now."""
        now = self._uptime()
        self._used = {each: at for each, at in self._used.items() if now - at < _MINUTE}
        return self._used.setdefault(use, now) != now  # type: ignore[arg-type]

    def _keep(self, line: bytes) -> None:
        """A card that is full or broken must not lock the owner out: `fault` says so instead."""
        try:
            self._append(line)
            self.fault = ""
        except OSError as error:
            self.fault = f"the audit log cannot be written: {error.strerror}"

    def _append(self, line: bytes) -> None:
        # The line end comes first: what a power cut left of the last line then spoils no more than that line.
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.path.lexists(self._path):
            durable.replace(self._path, b"", owner=self._owner)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            if os.fstat(descriptor).st_size + len(line) <= MOST:
                os.write(descriptor, line)
                os.fsync(descriptor)
                return
        finally:
            os.close(descriptor)
        durable.replace(self._path, b"".join([*self._left(), line]), owner=self._owner)

    def _left(self) -> list[bytes]:
        """What a full file keeps: the newest of every event, as many of each as there is room for.

        So what can be brought about endlessly, as a login is by whoever has an account, flushes out nothing but itself.
        """
        read, counted = list(self._read()), Counter[str]()
        ranks: list[int] = []
        for entry, _line in read:
            event = str(entry.get("event"))
            ranks.append(counted[event])
            counted[event] += 1
        kept: list[int] = []
        size = 0
        for number in sorted(range(len(read)), key=ranks.__getitem__):
            size += len(read[number][1])
            if size > KEPT:
                break
            kept.append(number)
        return [read[number][1] for number in sorted(kept, reverse=True)]

    def _read(self) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Every entry with its line, the newest first."""
        try:
            lines = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        for line in reversed(lines):
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield entry, b"\n" + line
