"""Who did what, from where: never what was typed, never a secret. Lines of JSON in two files of bounded size."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

MOST = 128 << 10
"""Bytes of a file; when the newer one is full it takes the older one's place."""


class Audit:
    """Append-only. An entry is synced to the card when its turn is over; a torn last line is skipped by the reader.

    Args:
        path: the newer file; the older one has `.old` behind its name.
        clock: seconds since the epoch, or None while the device does not know.
        uptime: seconds since boot, which are always known.
        writer: does one thing after the other, on a thread of its own: a card may take its time.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float | None],
        uptime: Callable[[], float],
        writer: Executor,
    ) -> None:
        self._path = path
        self._old = path.with_name(path.name + ".old")
        self._clock = clock
        self._uptime = uptime
        self._writer = writer
        self.fault = ""
        """Why the last entry could not be kept; empty when it was."""

    def record(self, event: str, user: str = "", address: str = "", **details: object) -> None:
        """Keep one entry."""
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
        return self._writer.submit(lambda: [*self._read(self._path), *self._read(self._old)])

    def _keep(self, line: bytes) -> None:
        """A card that is full or broken must not lock the owner out: `fault` says so instead."""
        try:
            self._append(line)
            self.fault = ""
        except OSError as error:
            self.fault = f"the audit log cannot be written: {error.strerror}"

    def _append(self, line: bytes) -> None:
        # The line end comes first: what a power cut left of the last line then spoils no more than that line.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, flags, 0o600)
        try:
            if os.fstat(descriptor).st_size + len(line) > MOST:
                self._path.rename(self._old)
                os.close(descriptor)
                descriptor = os.open(self._path, flags, 0o600)
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @staticmethod
    def _read(path: Path) -> Iterator[dict[str, Any]]:
        try:
            lines = path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        for line in reversed(lines):
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield entry
