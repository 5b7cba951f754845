"""What became of the source's frames that nobody saw: every sequence number is accounted for."""

from __future__ import annotations


class Tally:
    """Counts lost frames by cause, for as long as the daemon runs. Frames left out on purpose are none of them."""

    def __init__(self) -> None:
        self.missed = 0
        """The source's driver counted it and had nothing to deliver."""
        self.starved = 0
        """It found no free buffer: all were here."""
        self.overtaken = 0
        """A newer one took its place while the encoder was busy."""
        self.spoiled = 0
        """The encoder took it and gave nothing that can be shown, or nothing for one that it refers to."""
        self._buffers = 0
        self._last: int | None = None
        self._empty = False

    def begin(self, buffers: int) -> None:
        """A stream with so many buffers begins."""
        self._buffers = buffers
        self.forget()

    def forget(self) -> None:
        """What is missing before the next frame was not wanted."""
        self._last, self._empty = None, False

    def frame(self, sequence: int) -> None:
        """One came; those between it and the one before did not."""
        # vivid may give two frames one number.
        gap = 0 if self._last is None else max(0, sequence - self._last - 1)
        if self._empty:
            self.starved += gap
        else:
            self.missed += gap
        self._last, self._empty = sequence, False

    def taken(self, buffers: int) -> None:
        """So many buffers were here when all filled ones had been taken."""
        self._empty = buffers >= self._buffers
