"""What to do about an encoder that fails: make it again, and know when that is no use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.status import Encoder
from app.video.encoder import EncoderError, NoEncoder, Stalled, Unfit

FAILURES: Final = 3
"""In a row; then the board's encoder is stuck in its firmware, and only a reboot frees it (pikvm 1704)."""
REST: Final = 60_000_000
"""Microseconds between two attempts after that."""
STEADY: Final = 10_000_000
"""Microseconds from its first frame after which an encoder has failed for the last time: some hang after one, each time anew."""


class Recovery:
    """Counts failures in a row.

    Args:
        clock: microseconds, monotonic.
        request_reboot: told why; says in words what came of it.
    """

    def __init__(self, clock: Callable[[], int], request_reboot: Callable[[str], str]) -> None:
        self._clock = clock
        self._request_reboot = request_reboot
        self._failures = 0
        self._works_since: int | None = None
        self._rest_until = 0

    @property
    def ready(self) -> bool:
        """Whether another attempt may be made."""
        return self._clock() >= self._rest_until

    def worked(self) -> None:
        """The encoder has given a frame."""
        if not self._failures:
            return
        now = self._clock()
        if self._works_since is None:
            self._works_since = now
        elif now - self._works_since >= STEADY:
            self._failures = 0

    def failed(self, error: EncoderError) -> Encoder:
        """What the encoder is now. That it does not suit the frames, or is not there, no reboot changes."""
        if isinstance(error, NoEncoder | Unfit):
            return Encoder("failed", reason=str(error))
        self._failures += 1
        self._works_since = None
        if self._failures < FAILURES:
            return Encoder("stalled" if isinstance(error, Stalled) else "failed", reason=str(error))
        self._rest_until = self._clock() + REST
        return Encoder("failed", reason=f"{error}; {self._request_reboot(str(error))}")
