"""How far a long step is, on a terminal or in a log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

_EVERY = 0.5
"""Seconds between two words on a terminal."""


class Progress:
    """One step with a known end; `told` is called with the bytes that are through."""

    def __init__(self, doing: str, total: int, stream: TextIO, clock: Callable[[], float]) -> None:
        """`clock` is in seconds. A stream that is no terminal gets a line for every tenth."""
        self._doing = doing
        self._total = total
        self._stream = stream
        self._clock = clock
        self._began = self._last = clock()
        self._tenth = 0

    def told(self, done: int) -> None:
        """Say so, if it is time to."""
        now = self._clock()
        tenth = done * 10 // self._total
        if self._stream.isatty():
            if now - self._last < _EVERY and done < self._total:
                return
            end = "\n" if done == self._total else ""
            print(f"\r{self._words(done, now)}\033[K", end=end, file=self._stream, flush=True)
        elif tenth > self._tenth:
            print(self._words(done, now), file=self._stream, flush=True)
        self._last, self._tenth = now, tenth

    def _words(self, done: int, now: float) -> str:
        words = f"{self._doing}: {done * 100 // self._total} %, {done >> 20} of {self._total >> 20} MiB"
        spent = now - self._began
        if spent <= 0 or done in {0, self._total}:
            return words
        left = spent * (self._total - done) / done
        return f"{words}, {done / spent / 2**20:.1f} MiB/s, {left:.0f} s left"
