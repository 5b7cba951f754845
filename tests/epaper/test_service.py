"""The whole process but its command line: a real socket in, a simulated panel's PNG out."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest
from PIL import Image, ImageChops

from app.status import Claim, Device, Health, Network, Signal
from epaper import policy, v4
from epaper.arrival import Arrival
from epaper.display import Display
from epaper.ledger import Ledger
from epaper.link import Link
from epaper.mirror import Mirror
from epaper.news import Silence
from epaper.own import Own
from epaper.page import Page, page
from epaper.picture import PngFile, unpack
from epaper.port import PanelError
from epaper.service import Service
from epaper.sim import SimulatedPanel
from epaper.trouble import stopped
from epaper.typeface import Terminus
from epaper.view import View, pack
from tests.epaper.statusd import StatusDaemon

HOST, STAMP = "kvm", "as of 20 Nov 26 09:03Z"
OWN = Own(HOST, None, "0.1.0", 1)
READY = Device(signal=Signal("locked", 1280, 720, 60.0), network=Network(HOST, ("192.168.1.42",)))
MOVED = Device(signal=Signal("locked", 1280, 720, 60.0), network=Network(HOST, ("192.168.1.43",)))


@pytest.fixture(scope="module")
def view() -> View:
    return View(Terminus())


class Bench:
    """A service with everything real around it, except that the panel is simulated."""

    def __init__(self, folder: Path, view: View, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self.view = view
        self.folder = folder
        self.png = folder / "glass.png"
        self.socket = folder / "status.sock"
        self.logged: list[str] = []
        self.drawn: asyncio.Queue[bytes] = asyncio.Queue()
        self.panel = SimulatedPanel(self.draw, time.monotonic, slowness=0.01)
        self.unplugged = False
        self.connects: asyncio.Queue[None] = asyncio.Queue()
        self.service = Service(
            Display(self.connect, v4, time.monotonic, sleep),
            view,
            own=OWN,
            ledger=Ledger(folder / "counts.json", "this start", self.logged.append),
            mirror=Mirror(folder, self.logged.append, lambda: 61.5),
            clock=time.monotonic,
            stamp=lambda: STAMP,
            log=self.logged.append,
        )

    def connect(self) -> SimulatedPanel:
        self.connects.put_nowait(None)
        if self.unplugged:
            raise PanelError("no panel: /dev/spidev0.0: No such file or directory")
        return self.panel

    def draw(self, frame: bytes) -> None:
        PngFile(self.png).write(frame)
        self.drawn.put_nowait(frame)

    async def shown(self, wanted: Page) -> None:
        """Wait until the PNG is this page."""
        frame = self.view.frame(wanted, STAMP)
        while await self.drawn.get() != frame:
            pass
        with Image.open(self.png) as picture:
            expected = self.view.picture(wanted, STAMP)
            assert ImageChops.difference(picture.convert("L"), expected.convert("L")).getbbox() is None

    async def stop(self) -> None:
        self.service.stop()
        await self.running

    async def __aenter__(self) -> Self:
        self.limit = asyncio.timeout(30)
        await self.limit.__aenter__()
        arrival = Arrival(self.socket)
        link = Link(self.socket, self.service.tell, self.logged.append, time.monotonic, arrival.wait)
        self.following = asyncio.create_task(link.follow())
        self.running = asyncio.create_task(self.service.run())
        return self

    async def __aexit__(self, *error: Any) -> None:
        for task in (self.following, self.running):
            task.cancel()
        await asyncio.wait((self.following, self.running))
        await self.limit.__aexit__(*error)


@pytest.fixture
def bench(tmp_path, view, monkeypatch) -> Bench:
    monkeypatch.setattr(policy, "GAP", 0.05)  # the rules themselves are tested on a clock of their own
    monkeypatch.setattr(policy, "RETRY_FIRST", 0.05)
    return Bench(tmp_path, view)


async def test_status_in_picture_out(bench):
    claimed = READY.with_part(Claim("https://192.168.1.42/#CODE", "CODE"))
    async with bench:
        await bench.shown(page(Silence.STARTING, OWN))
        async with StatusDaemon(bench.socket, claimed) as daemon:
            await bench.shown(page(claimed, OWN))
            daemon.say(READY)
            await bench.shown(page(READY, OWN))
            daemon.say(MOVED)
            await bench.shown(page(MOVED, OWN))
        await bench.shown(page(Silence.GONE, OWN))
        async with StatusDaemon(bench.socket, READY):
            await bench.shown(page(READY, OWN))
            await bench.stop()
    assert bench.panel.glass == bench.view.frame(stopped(OWN), STAMP)
    assert bench.panel.asleep
    assert bench.logged == []


async def test_addresses_of_its_own_are_shown_with_and_without_a_daemon(bench):
    async with bench:
        bench.service.found(("10.0.0.1",))
        own = replace(OWN, addresses=("10.0.0.1",))
        await bench.shown(page(Silence.STARTING, own))
        async with StatusDaemon(bench.socket, READY):
            await bench.shown(page(READY, own))
        await bench.shown(page(Silence.GONE, own))
        bench.service.found(())
        await bench.shown(page(Silence.GONE, replace(OWN, addresses=())))


async def test_what_wobbles_is_no_reason_to_draw(bench):
    weak, weaker = (replace(READY, network=replace(READY.network, wifi="shop", strength=of)) for of in (50, 40))
    async with bench, StatusDaemon(bench.socket, weak) as daemon:
        await bench.shown(page(weak, OWN))
        daemon.say(weaker, MOVED)
        assert await bench.drawn.get() == bench.view.frame(page(MOVED, OWN), STAMP)


async def test_mirror_and_counts_follow_the_glass(bench):
    async with bench, StatusDaemon(bench.socket, READY):
        await bench.shown(page(READY, OWN))
        await bench.stop()
    with Image.open(bench.folder / "panel.png") as mirrored:
        assert mirrored.convert("1").tobytes() == unpack(bench.panel.glass).tobytes()
    facts = json.loads((bench.folder / "panel.json").read_text())
    assert (facts["page"], facts["as_of"], facts["boots"]) == ("Notice", STAMP, 1)
    assert facts["flashing_refreshes"] == bench.panel.full_refreshes
    counts = Ledger(bench.folder / "counts.json", "the next start", bench.logged.append).counts
    assert (counts.boots, counts.flashing) == (2, bench.panel.full_refreshes)


async def test_what_cannot_be_drawn_is_said_once_and_ends_nothing(bench):
    half = b'{"claim":{"url":"https://\\ud80%d/","code":"CODE"}}\n'  # of a surrogate pair: no QR code has one
    async with bench, StatusDaemon(bench.socket, half % 0) as daemon:
        await bench.shown(page(Silence.GARBLED, OWN))
        daemon.say(half % 1)
        await bench.shown(page(Silence.GARBLED, OWN))
        daemon.say(READY)
        await bench.shown(page(READY, OWN))
    assert bench.logged == ["a page cannot be drawn: UnicodeEncodeError"]


async def test_equal_status_draws_nothing(bench):
    async with bench, StatusDaemon(bench.socket, READY) as daemon:
        await bench.shown(page(READY, OWN))
        daemon.say(READY, READY, READY.with_part(Health(version="2")), MOVED)
        assert await bench.drawn.get() == bench.view.frame(page(MOVED, OWN), STAMP)


async def test_panel_sleeps_when_nothing_happens(bench, monkeypatch):
    monkeypatch.setattr(policy, "LINGER", 0.05)
    asleep = asyncio.Event()
    data = bench.panel.data
    monkeypatch.setattr(bench.panel, "data", lambda sent: (data(sent), bench.panel.asleep and asleep.set()))
    async with bench:
        await bench.shown(page(Silence.STARTING, OWN))
        await asleep.wait()
        async with StatusDaemon(bench.socket, READY):
            await bench.shown(page(READY, OWN))
    assert (bench.panel.full_refreshes, bench.panel.partials_in_row) == (1, 1)


async def test_absent_panel_costs_one_line_and_comes_back(bench):
    bench.unplugged = True
    async with bench, StatusDaemon(bench.socket, READY):
        for _ in range(3):
            await bench.connects.get()
        bench.unplugged = False
        await bench.shown(page(READY, OWN))
        await bench.stop()
    assert bench.logged == [
        "no panel: /dev/spidev0.0: No such file or directory; trying again",
        "the panel works again",
    ]


async def test_a_panel_that_may_have_come_is_tried_at_once(bench, monkeypatch):
    monkeypatch.setattr(policy, "RETRY_FIRST", 3600.0)
    bench.unplugged = True
    async with bench:
        while not bench.logged:
            await asyncio.sleep(0)
        bench.unplugged = False
        bench.service.retry()
        await bench.shown(page(Silence.STARTING, OWN))


async def test_the_mirror_shows_nothing_while_nobody_knows_what_the_glass_shows(bench):
    async with bench, StatusDaemon(bench.socket, READY) as daemon:
        await bench.shown(page(READY, OWN))
        bench.panel.absent = bench.unplugged = True
        daemon.say(MOVED)
        while not bench.logged:
            await bench.connects.get()
        assert list(bench.folder.glob("panel.*")) == []
        bench.panel.absent = bench.unplugged = False
        await bench.shown(page(MOVED, OWN))
        bench.panel.absent = True
        await bench.stop()
    assert list(bench.folder.glob("panel.*")) == []


async def test_panel_that_never_works_does_not_keep_the_service_from_ending(bench):
    bench.panel.absent = True
    async with bench:
        for _ in range(3):
            await bench.connects.get()
        await bench.stop()
    assert bench.logged == ["no panel: a refresh was started and BUSY never rose; trying again"]
    assert not bench.png.exists()


def test_pack_and_unpack_are_each_others_reverse(view):
    picture = view.picture(page(READY, OWN), STAMP)
    assert pack(unpack(pack(picture))) == pack(picture)


async def standing_still(seconds: float) -> None:
    time.sleep(seconds)


def test_the_first_page_needs_no_event_loop(tmp_path, view):
    bench = Bench(tmp_path, view, standing_still)
    bench.service.found(("192.168.1.42",))
    bench.service.begin()
    assert bench.drawn.qsize() == 1
    assert bench.drawn.get_nowait() == view.frame(
        page(Silence.STARTING, replace(OWN, addresses=("192.168.1.42",))), STAMP
    )
    assert not bench.panel.busy()


async def test_a_display_that_cannot_wait_without_a_loop_is_no_beginning(bench):
    with pytest.raises(RuntimeError, match="the display's sleep does not block"):
        bench.service.begin()
