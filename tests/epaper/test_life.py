"""Random lives of the whole service on a panel of each version: news, faults, power cuts, days, all in virtual time."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Hashable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from app.status import (
    Card,
    Claim,
    Control,
    Device,
    Encoder,
    Health,
    Hotspot,
    Network,
    Panel,
    Signal,
    Thumbnail,
    Trust,
    Viewers,
)
from epaper import panel, policy
from epaper.command import CONTROLLERS
from epaper.display import Display
from epaper.ledger import Ledger
from epaper.news import News, Silence
from epaper.own import Own
from epaper.page import Page, page
from epaper.port import PanelError
from epaper.service import Service
from epaper.sim import SimulatedPanel
from epaper.sim_memory import Version
from epaper.steady import Steady
from tests.conftest import EFFORT
from tests.epaper.virtual import run

COUNT = 500
"""A twentieth of the soak's 10 000."""
PROMPT = 5.0
"""Seconds in which what matters is shown."""
WHOLE = policy.FULL_INTERVAL + PROMPT
"""And all of a page."""
SETTLED = policy.RETRY_MOST + policy.FULL_INTERVAL + policy.COSMETIC_INTERVAL + 20.0
"""Seconds after which everything is, whatever was wrong before."""
OWN = Own("kvm", None, "0.1.0", 1)


@dataclass(frozen=True)
class Wait:
    seconds: float


@dataclass(frozen=True)
class Tell:
    news: News


@dataclass(frozen=True)
class Crowd:
    """So many watch, and nothing else is new: where that is shown, nobody waits for it."""

    count: int


@dataclass(frozen=True)
class Addresses:
    found: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """`stuck`, `absent`, `unplugged`, or nothing: what is wrong from now on."""

    name: str


@dataclass(frozen=True)
class Clock:
    """The wall clock is set."""

    offset: float


class PowerCut:
    """Everything goes, and comes back."""


class Look:
    """Whatever was wrong is mended: after a while the glass is the truth."""


@dataclass(frozen=True)
class Prompt:
    """On a panel that works, news that matter."""

    news: Device


class Paper:
    """A View whose pictures are digests: as different as pages and times are, and a thousand times as fast."""

    def __init__(self) -> None:
        self.pages: dict[bytes, Page] = {}

    def frame(self, shown: Page, stamp: str) -> bytes:
        digest = hashlib.sha256(f"{shown!r} {stamp}".encode()).digest()
        frame = (digest * (panel.FRAME_BYTES // len(digest) + 1))[: panel.FRAME_BYTES]
        self.pages[frame] = shown
        return frame


class Life:
    """One device from its first start on."""

    def __init__(self, version: Version, folder: Path) -> None:
        self.loop = asyncio.get_running_loop()
        self.version = version
        self.folder = folder
        self.paper = Paper()
        self.glass: Page | None = None
        self.panel = SimulatedPanel(self.drawn, self.loop.time, version)
        self.unplugged = False
        self.offset = 0.0
        self.news: News = Silence.STARTING
        self.own = OWN
        self.starts = 0
        self.refreshes: list[tuple[float, bool, Page, bool]] = []
        """When, whether it flashed, what, and whether nothing was known before: after a start or a failure."""
        self.lost = True
        self.deaf = False
        """It was not there, perhaps when it was told to sleep, and nothing was drawn since."""
        self.start()

    def begin(self) -> None:
        """Nothing is known of the glass, and nothing was tried."""
        self.known_since: float | None = None
        """Since when the panel has worked, and shows what was drawn."""
        self.was_true: dict[Hashable, float] = {}
        """When each page, and each headline, last was the truth."""
        self.attempts: list[float] = []
        """When a panel that fails was looked for."""

    def start(self) -> None:
        self.starts += 1
        self.begin()
        self.news, self.own = Silence.STARTING, OWN
        self.lost = True
        self.steady = Steady()
        self.ledger = Ledger(self.folder / "counts.json", f"start {self.starts}", lambda _: None)
        assert self.ledger.boots == self.starts
        self.ledger.save()
        self.service = Service(
            Display(self.connect, CONTROLLERS[self.version], self.loop.time, asyncio.sleep),
            self.paper,  # type: ignore[arg-type]
            own=self.own,
            ledger=self.ledger,
            mirror=None,
            clock=self.loop.time,
            stamp=lambda: f"{self.loop.time() + self.offset:.0f}",
            log=self.log,
        )
        self.running = asyncio.ensure_future(self.service.run())

    def log(self, line: str) -> None:
        if line.endswith("trying again"):
            self.lost = True
        elif line == "the panel works again":
            self.attempts.clear()

    def connect(self) -> SimulatedPanel:
        self.lost = True
        now = self.loop.time()
        if self.attempts:
            back_off = policy.RETRY_FIRST * 2.0 ** min(len(self.attempts) - 1, 10)
            assert now - self.attempts[-1] >= min(back_off, policy.RETRY_MOST) - 1e-6  # a clock of floats
        self.attempts.append(now)
        if self.unplugged:
            raise PanelError("no panel")
        return self.panel

    def drawn(self, frame: bytes) -> None:
        flashed = self.panel.partials_in_row == 0
        self.check_glass()
        self.glass = self.paper.pages[frame]
        if self.known_since is None and not self.broken:
            self.known_since = self.loop.time()
        self.refreshes.append((self.loop.time(), flashed, self.glass, self.lost))
        self.lost = self.deaf = False

    @property
    def truth(self) -> Page:
        return page(self.news, self.own)

    @property
    def broken(self) -> bool:
        return self.panel.stuck or self.panel.absent or self.unplugged

    def check_glass(self) -> None:
        """What a working panel shows is the truth, or was a moment ago; called before either changes."""
        now = self.loop.time()
        for true in (self.truth, self.truth.headline):
            self.was_true[true] = now
        if self.known_since is not None and self.glass is not None:
            for shown, young in ((self.glass.headline, PROMPT), (self.glass, WHOLE)):
                assert now - max(self.was_true.get(shown, 0.0), self.known_since) <= young, shown

    async def live(self, step: object) -> None:
        match step:
            case Wait(seconds):
                await self.wait(seconds)
            case Tell(news):
                self.tell(news)
            case Crowd(count):
                if isinstance(self.news, Device):
                    self.tell(replace(self.news, viewers=Viewers(count)))
            case Addresses(found):
                self.check_glass()
                self.own = replace(self.own, addresses=found)
                self.service.found(found)
            case Fault(name):
                self.panel.stuck, self.panel.absent = name == "stuck", name == "absent"
                self.unplugged = name == "unplugged"
                self.known_since = None if self.broken else self.known_since
                self.deaf |= self.panel.absent
            case Clock(offset):
                self.offset = offset
            case PowerCut():
                self.running.cancel()
                await asyncio.wait((self.running,))
                self.panel.power(False)
                self.start()
            case Look():
                await self.settle()
            case Prompt(news):
                await self.settle()
                self.tell(news)
                await self.wait(PROMPT)
                assert self.glass is not None
                assert self.glass.headline == self.truth.headline
        await self.wait(0.0)

    def tell(self, news: News) -> None:
        self.check_glass()
        self.news = news if isinstance(news, Silence) else self.steady.settle(news)
        self.service.tell(news)

    async def settle(self) -> None:
        await self.live(Fault(""))
        await self.wait(SETTLED)
        assert self.glass == self.truth
        assert self.panel.partials_in_row < policy.PARTIALS, "ghosts are cleared once it is quiet"
        assert self.panel.refreshed_at is not None
        just_drawn = self.loop.time() - self.panel.refreshed_at < policy.LINGER + PROMPT  # the hourly redraw, say
        assert self.panel.asleep or self.deaf or just_drawn

    async def wait(self, seconds: float) -> None:
        await asyncio.wait((self.running,), timeout=seconds)
        if self.running.done():
            self.running.result()  # a violation of the protocol ends the service
        self.check_glass()

    async def end(self) -> None:
        await self.settle()
        self.service.stop()
        await self.running
        assert "Stopped" in repr(self.glass)
        assert self.panel.asleep
        self.check_refreshes()

    def check_refreshes(self) -> None:
        """Never more than the policy allows. Times are those at which a refresh starts."""
        in_row, flashed_at, full_at = 0, -policy.FULL_INTERVAL, 0.0
        usual = self.refreshes[:-1]  # the last page is drawn at once
        for (before_at, before_flashed, before, _), (at, flashed, shown, lost) in pairwise(usual):
            in_row = 0 if before_flashed else in_row + 1
            flashed_at = before_at if before_flashed else flashed_at
            assert flashed or in_row < policy.PARTIALS
            daily = flashed and at - full_at >= policy.DAILY
            if lost or (flashed and shown.headline == before.headline):
                full_at = at
            if lost:
                assert flashed
                continue
            assert at - before_at >= policy.GAP
            if shown.headline == before.headline:
                assert at - before_at >= policy.COSMETIC_INTERVAL
                assert not flashed or at - flashed_at >= policy.FULL_INTERVAL
            if shown == before and in_row < policy.PARTIALS and not daily:
                assert at - before_at >= policy.LIVE_INTERVAL


V4 = ("192.168.1.42",)
devices = st.builds(
    Device,
    signal=st.sampled_from([Signal("locked", 1280, 720, 60.0), Signal("locked", 1920, 1080, 50.0), Signal("no_power")]),
    viewers=st.builds(Viewers, st.integers(0, 2)),
    control=st.builds(Control, st.sampled_from([None, "alice"])),
    network=st.builds(
        Network,
        addresses=st.sampled_from([None, (), V4, ("10.0.0.1", "2001:db8::1")]),
        wifi=st.just("shop"),
        strength=st.none() | st.integers(0, 100),
    ),
    health=st.builds(
        Health,
        faults=st.sampled_from([*[()] * 9, ("hid: gone",)]),
        temperature=st.none() | st.floats(60, 90),
        slowed=st.booleans(),
    ),
    encoder=st.sampled_from([*[Encoder()] * 9, Encoder("stalled", "m2m", "no picture for 2 s")]),
    trust=st.just(Trust("AA:BB")),
    panel=st.builds(Panel, st.sampled_from([*[""] * 9, "fingerprint"])),
    thumbnail=st.sampled_from([None, Thumbnail(8, 1, "00"), Thumbnail(8, 1, "ff")]),
    card=st.sampled_from([*[None] * 9, Card(ignored=("ssh",)), Card("inkvm.toml", "key 'a' has value 1, expected 2")]),
    claim=st.sampled_from([*[None] * 9, Claim("https://192.168.1.42/#K7WQM-2XD9P", "K7WQM-2XD9P")]),
    hotspot=st.sampled_from([*[None] * 9, Hotspot("inkvm-4f2a", "k7wqm2xd9pzr", "10.42.0.1")]),
)
short, long = st.floats(0.0, 20.0), st.floats(0.0, 200_000.0)
steps = st.one_of(
    st.builds(Wait, st.one_of(short, short, st.floats(0.0, 400.0), long)),
    st.builds(Tell, devices),
    st.builds(Tell, st.sampled_from(Silence)),
    st.builds(Crowd, st.integers(0, 9)),
    st.builds(Addresses, st.sampled_from([(), V4, ("10.0.0.1", "2001:db8::1")])),
    st.builds(Fault, st.sampled_from(["stuck", "absent", "unplugged", "", ""])),
    st.builds(Clock, st.floats(-1e6, 1e9)),
    st.builds(PowerCut),
    st.builds(Look),
    st.builds(Prompt, devices),
)


@settings(max_examples=COUNT * EFFORT)
@given(st.sampled_from(["v4", "v3", "v2"]), st.lists(steps, max_size=16))
def test_whatever_happens_the_glass_becomes_the_truth_and_is_not_worn_out(version, happenings):
    async def life() -> None:
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            living = Life(version, Path(folder))
            for step in happenings:
                await living.live(step)
            await living.end()

    run(life())
