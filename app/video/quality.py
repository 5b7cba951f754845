"""How fine the still pictures are: as fine as the viewers' links carry in time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Step:
    """What a picture is made with."""

    quantiser: int
    """The JPEG encoder's, from 2, the finest, to 31."""
    divisor: int
    """Of width and height."""
    growth: float
    """How many times larger the next finer step's picture is at most, on screens full of text and on photographs."""


STEPS: Final = (
    Step(3, 1, 1.0),
    Step(6, 1, 1.5),
    Step(12, 1, 1.6),
    Step(24, 1, 1.7),
    Step(6, 2, 3.0),
    Step(12, 2, 1.7),
    Step(24, 2, 1.8),
)
FIRST: Final = 4
"""While nothing is known of the link: a screen full of text takes a second of 500 kbit/s."""
FIRST_PATIENCE: Final = 5
LAST_PATIENCE: Final = 80
"""Pictures in a row that leave room for a finer one before there is one: twice as many each time that the finer one was too large."""


class Quality:
    """Coarser at once when a picture was too large, finer when several have left room for it."""

    def __init__(self) -> None:
        self._step = FIRST
        self._roomy = 0
        self._patience = FIRST_PATIENCE
        self._risen = False
        """Whether the last change was to a finer step."""
        self._too_few = 0
        """Bytes that a picture could have when a finer step failed last."""

    @property
    def step(self) -> Step:
        """For the next picture."""
        return STEPS[self._step]

    def made(self, size: int, most: int | None) -> None:
        """A picture came out with so many bytes; `most` is what one may have, None while nobody knows."""
        if most is None:
            return
        self._roomy = self._roomy + 1 if size * self.step.growth <= most else 0
        if most > 4 * self._too_few:
            self._patience = FIRST_PATIENCE  # another link than the one that failed
        if size > most:
            self._fall(most)
        elif self._roomy >= self._patience and self._step > 0:
            self._rise()

    def _fall(self, most: int) -> None:
        if self._risen:
            self._patience, self._too_few = min(LAST_PATIENCE, 2 * self._patience), most
        self._step, self._risen = min(len(STEPS) - 1, self._step + 1), False

    def _rise(self) -> None:
        self._step, self._roomy, self._risen = self._step - 1, 0, True
