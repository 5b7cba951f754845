"""One bitrate and one frame rate for all viewers of the one encoder.

Each viewer has a capacity: what it is believed to carry. Congestion cuts it to a little less than what got through; it grows again while there is
none, stops for a while below the rate at which congestion was met, and then feels its way beyond: slowly at first, for a step that is too
long fills the link's queues for seconds. The bitrate is the smallest capacity among active viewers. A viewer
that gets nothing through is not active: it can wait, the others cannot. One that stays congested at the floor is hopeless: it gets a slide
show of key frames, and another chance when its link looks better, more rarely each time until it has been well for long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

FLOOR: Final = 200_000
"""Bits per second below which text is not legible while it moves; a viewer that carries less is hopeless."""
HEADROOM: Final = 0.8
"""Of what got through during congestion: the queue has to drain as well."""
DEEPEST_CUT: Final = 0.35
GROWTH: Final = 1.15
"""Per second."""
HOLD: Final = 3_000_000
"""Microseconds after a cut without growth."""
RESPECT: Final = 30_000_000
"""Microseconds for which the rate that met congestion is stayed below."""
FORGOTTEN: Final = 0.7
"""A burst of losses lets little through on a link that carries more: what is left at least, each time, of where congestion was met before."""
FIRST_STEP: Final = 0.01
LONGER: Final = 1.5
"""Per review, the part by which that rate is taken to be higher afterwards, and how much more it is each time, up to GROWTH's."""
HOPELESS_AFTER: Final = 2
"""Reviews in a row of a link that is given the floor, and seen to carry less than half of it."""
CONGESTED_AFTER: Final = 5
"""Reviews in a row of one that carries a little less, or is congested at the floor: a long link takes seconds to get over a burst of losses."""
FIRST_TRIAL: Final = 10_000_000
LAST_TRIAL: Final = 160_000_000
"""Microseconds of a slide show before the next chance: the first after so long without congestion, and the last."""
STALLED: Final = 4
"""Reviews without anything getting through: no slow link, a blocked one."""
STEP: Final = 0.1
"""A smaller change than this part is not worth a new session of an encoder."""
BITS_PER_FRAME: Final = 20_000
"""Below this fewer frames are better than worse ones."""
MAX_DIVISOR: Final = 6


@dataclass(frozen=True, slots=True)
class Observation:
    """A viewer since the last review. Rates are bits per second."""

    number: int
    active: bool
    """Something was acknowledged."""
    congested: bool
    """Since something was acknowledged last, frames were dropped because they could not start, or all of them queued."""
    delivered: int
    carries: int | None
    """What its link was seen to carry lately."""
    offered: int
    """What there was for it to carry."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the encoder does until the next review, and for whom that is too much."""

    bitrate: int
    divisor: int
    slide_shows: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Carrier:
    """What is believed of one viewer."""

    capacity: float
    limit: float | None = None
    """The rate at which congestion was met, and is expected again."""
    step: float = FIRST_STEP
    grows_at: int = 0
    probes_at: int = 0
    """When it may grow again, and when beyond the limit."""
    congested: int = 0
    slow: int = 0
    """Reviews in a row in which it carried less than half of the floor, and was given that."""
    silent: int = 0
    """Reviews since something got through."""
    pardoned: bool = True
    """Once, and only one that did well before: a newcomer's congestion is its link's."""
    hopeless_since: int | None = None
    trial: int = FIRST_TRIAL


class Rate:
    """Reviews the viewers about once a second.

    Args:
        ceiling: bits per second with good links.
    """

    def __init__(self, ceiling: int) -> None:
        self.fixed: int | None = None
        """Bits per second that somebody chose instead; None while it follows the viewers."""
        self._ceiling = ceiling
        self._floor = min(FLOOR, ceiling)
        self._carriers: dict[int, _Carrier] = {}
        self.decision = Decision(ceiling, 1)

    def fix(self, bits_per_second: int | None) -> Decision:
        """Aim at this rate from now on; None follows the viewers again, from the next review on."""
        self.fixed = bits_per_second
        if bits_per_second:
            self.decision = replace(self.decision, bitrate=bits_per_second, divisor=1)
        return self.decision

    def review(self, now: int, fps: float, viewers: Sequence[Observation]) -> Decision:
        """Look at the viewers of the encoder's stream; `fps` is the source's, 0 while not known."""
        others = any(viewer.active and not self._hopeless(viewer.number) for viewer in viewers)
        seen = {viewer.number for viewer in viewers}
        self._carriers = {number: carrier for number, carrier in self._carriers.items() if number in seen}
        for viewer in viewers:
            carrier = self._carriers.setdefault(viewer.number, _Carrier(self._ceiling))
            if carrier.hopeless_since is not None:
                self._try_again(now, carrier, viewer, others)
            elif viewer.active:
                self._learn(now, carrier, viewer)
            carrier.silent = 0 if viewer.active else carrier.silent + 1
            if carrier.silent >= STALLED:
                carrier.limit = None  # what met congestion was the stall
        wanted = self.fixed or self._wanted(viewers)
        before = self.decision
        bitrate = wanted if abs(wanted - before.bitrate) > STEP * before.bitrate else before.bitrate
        if wanted in {self._ceiling, self.fixed, self._floor}:
            bitrate = wanted
        hopeless = frozenset(number for number in self._carriers if self._hopeless(number))
        self.decision = Decision(bitrate, self._divisor(bitrate, fps, before.divisor), hopeless)
        return self.decision

    def _wanted(self, viewers: Sequence[Observation]) -> int:
        """The smallest capacity of those who count; for hopeless ones among themselves the least, for silent ones what it was."""
        if not viewers:
            return self._ceiling
        counted = [self._carriers[viewer.number] for viewer in viewers if viewer.active]
        capacities = [carrier.capacity for carrier in counted if carrier.hopeless_since is None]
        if capacities:
            return max(self._floor, round(min(capacities)))
        return self._floor if counted else self.decision.bitrate

    def _learn(self, now: int, carrier: _Carrier, viewer: Observation) -> None:
        if viewer.congested:
            carries = self._floor if viewer.carries is None else viewer.carries
            beneath = carries < self._floor
            hopeless = beneath or carrier.capacity <= self._floor or 2 * carries < (self.fixed or 0)
            carrier.congested = carrier.congested + 1 if hopeless else 0
            # A link that was given little cannot be seen to carry much: for all that is known it stalled.
            carrier.slow = carrier.slow + 1 if 2 * carries < self._floor <= viewer.offered else 0
            if carrier.slow >= HOPELESS_AFTER or carrier.congested >= CONGESTED_AFTER:
                carrier.hopeless_since = now
            if beneath:
                return  # a cut would not reach it, and cost the others
            if carrier.silent and not carrier.pardoned:
                carrier.pardoned = True
                return  # the end of a stall says nothing of the link's rate, unless it happens again
            # What arrived in this second may have been under way for many.
            through = viewer.delivered if viewer.carries is None else min(viewer.delivered, viewer.carries)
            met = max(self._floor, min(through, carrier.capacity))
            carrier.limit = met if carrier.limit is None else max(met, FORGOTTEN * carrier.limit)
            # The encoder's rate was spent, not the capacity believed in: cut from what was in force.
            in_force = min(carrier.capacity, self.decision.bitrate)
            carrier.capacity = max(self._floor, in_force * DEEPEST_CUT, min(HEADROOM * through, in_force * 0.9))
            carrier.grows_at, carrier.probes_at, carrier.step = now + HOLD, now + RESPECT, FIRST_STEP
            return
        carrier.congested, carrier.slow, carrier.pardoned = 0, 0, False
        if now - carrier.grows_at > LAST_TRIAL:
            carrier.trial = FIRST_TRIAL
        if carrier.limit is not None and now > carrier.probes_at:
            carrier.limit *= 1 + carrier.step
            carrier.step = min(GROWTH - 1, LONGER * carrier.step)
        if now > carrier.grows_at:
            top = self._ceiling if carrier.limit is None else min(self._ceiling, 0.95 * carrier.limit)
            carrier.capacity = max(carrier.capacity, min(top, carrier.capacity * GROWTH))

    def _hopeless(self, number: int) -> bool:
        return number in self._carriers and self._carriers[number].hopeless_since is not None

    def _try_again(self, now: int, carrier: _Carrier, viewer: Observation, others: bool) -> None:
        """Whether a hopeless viewer's link looks better by now; with nobody to suffer from the trial it need not."""
        assert carrier.hopeless_since is not None
        good = not others or (viewer.carries is not None and viewer.carries >= 2 * self._floor)
        if good and now - carrier.hopeless_since >= carrier.trial:
            carrier.hopeless_since, carrier.congested, carrier.slow, carrier.capacity = None, 0, 0, self._floor
            carrier.grows_at = carrier.probes_at = now + HOLD
            carrier.step, carrier.limit = FIRST_STEP, viewer.carries and max(self._floor, viewer.carries)
            carrier.trial = min(LAST_TRIAL, 2 * carrier.trial)

    def _divisor(self, bitrate: int, fps: float, before: int) -> int:
        if self.fixed:
            return 1
        if fps <= 0:
            return before
        for divisor in range(1, MAX_DIVISOR):
            # Coming back needs a little more than going away, or it would flicker.
            margin = 1.2 if divisor < before else 1.0
            if bitrate * divisor >= BITS_PER_FRAME * fps * margin:
                return divisor
        return MAX_DIVISOR
