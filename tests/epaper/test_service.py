"""The whole process but its command line: a real socket in, a simulated panel's PNG out."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, Self

import pytest
from PIL import Image, ImageChops

from app.status import Claim, Device, Health, Network, Signal
from epaper import policy, v4
from epaper.display import Display
from epaper.link import Link, Silence
from epaper.page import Page, page, stopped
from epaper.picture import PngFile, unpack
from epaper.port import PanelError
from epaper.service import Service
from epaper.sim import SimulatedPanel
from epaper.typeface import Terminus
from epaper.view import View, pack
from tests.epaper.statusd import StatusDaemon

HOST, STAMP = "kvm", "as of 20 Nov 09:03 UTC"
READY = Device(signal=Signal("locked", 1280, 720, 60.0), network=Network(HOST, ("192.168.1.42",)))
MOVED = Device(signal=Signal("locked", 1280, 720, 60.0), network=Network(HOST, ("192.168.1.43",)))


@pytest.fixture(scope="module")
def view() -> View:
    return View(Terminus())


class Bench:
    """A service with everything real around it, except that the panel is simulated."""

    def __init__(self, folder: Path, view: View) -> None:
        self.view = view
        self.png = folder / "panel.png"
        self.socket = folder / "status.sock"
        self.logged: list[str] = []
        self.drawn: asyncio.Queue[bytes] = asyncio.Queue()
        self.panel = SimulatedPanel(self.draw, time.monotonic, slowness=0.01)
        self.unplugged = False
        self.connects: asyncio.Queue[None] = asyncio.Queue()
        self.service = Service(
            Display(self.connect, v4, time.monotonic),
            view,
            host=HOST,
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
        link = Link(self.socket, self.service.tell, self.logged.append, time.monotonic)
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
        await bench.shown(page(Silence.STARTING, HOST))
        async with StatusDaemon(bench.socket, claimed) as daemon:
            await bench.shown(page(claimed, HOST))
            daemon.say(READY)
            await bench.shown(page(READY, HOST))
            daemon.say(MOVED)
            await bench.shown(page(MOVED, HOST))
        await bench.shown(page(Silence.GONE, HOST))
        async with StatusDaemon(bench.socket, READY):
            await bench.shown(page(READY, HOST))
            await bench.stop()
    assert bench.panel.glass == bench.view.frame(stopped(HOST), STAMP)
    assert bench.panel.asleep
    assert bench.logged == []


async def test_equal_status_draws_nothing(bench):
    async with bench, StatusDaemon(bench.socket, READY) as daemon:
        await bench.shown(page(READY, HOST))
        daemon.say(READY, READY, READY.with_part(Health(version="2")), MOVED)
        assert await bench.drawn.get() == bench.view.frame(page(MOVED, HOST), STAMP)


async def test_panel_sleeps_when_nothing_happens(bench, monkeypatch):
    monkeypatch.setattr(policy, "LINGER", 0.05)
    asleep = asyncio.Event()
    data = bench.panel.data
    monkeypatch.setattr(bench.panel, "data", lambda sent: (data(sent), bench.panel.asleep and asleep.set()))
    async with bench:
        await bench.shown(page(Silence.STARTING, HOST))
        await asleep.wait()
        async with StatusDaemon(bench.socket, READY):
            await bench.shown(page(READY, HOST))
    assert (bench.panel.full_refreshes, bench.panel.partials_in_row) == (1, 1)


async def test_absent_panel_costs_one_line_and_comes_back(bench):
    bench.unplugged = True
    async with bench, StatusDaemon(bench.socket, READY):
        for _ in range(3):
            await bench.connects.get()
        bench.unplugged = False
        await bench.shown(page(READY, HOST))
        await bench.stop()
    assert bench.logged == [
        "no panel: /dev/spidev0.0: No such file or directory; trying again",
        "the panel works again",
    ]


async def test_panel_that_never_works_does_not_keep_the_service_from_ending(bench):
    bench.panel.absent = True
    async with bench:
        for _ in range(3):
            await bench.connects.get()
        await bench.stop()
    assert bench.logged == ["no panel: a refresh was started and BUSY never rose; trying again"]
    assert not bench.png.exists()


def test_pack_and_unpack_are_each_others_reverse(view):
    picture = view.picture(page(READY, HOST), STAMP)
    assert pack(unpack(pack(picture))) == pack(picture)
