"""The panel's process: builds its parts once, runs them, and ends on SIGTERM with exit status 0.

The first page comes before everything that it does not need: asyncio alone takes a third of the way to it.
"""

from __future__ import annotations

import gc
import os
import platform
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app import __version__, settings
from app.net.addresses import Addresses
from epaper import v2, v3, v4
from epaper.display import Display
from epaper.ledger import Ledger
from epaper.mirror import Mirror
from epaper.options import Options, parse
from epaper.own import Own
from epaper.panel import Controller
from epaper.picture import PngFile
from epaper.port import PanelError, Port
from epaper.service import Service
from epaper.spi import Pins, Wires
from epaper.stamp import stamp
from epaper.typeface import FontMissing, Terminus
from epaper.view import View

if TYPE_CHECKING:
    from epaper.arrival import Arrival
    from epaper.sim_memory import Version

CONTROLLERS: dict[Version, Controller] = {"v2": v2, "v3": v3, "v4": v4}
_STOP = (signal.SIGTERM, signal.SIGINT)
_AFTER_START = 30.0
"""Seconds; the first pictures have been drawn by then, and the devices are there that ever will be."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def main(arguments: list[str]) -> int:
    """Run until stopped; returns the exit status."""
    options = parse(arguments, os.environ)
    try:
        view = View(Terminus(options.font_dir))
    except FontMissing as error:
        _log(str(error))
        return 2
    if options.page is not None and options.simulate is not None:
        return _draw_sample(view, options.page, options.simulate)
    # Told to stop, it draws its last page: until the loop can see to that, the request waits.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)
    lasts = not options.lost.exists()
    ledger = Ledger(options.state / "panel-counts.json", BOOT_ID.read_text().strip(), _log, lasts=lasts)
    nap = _Nap()
    service = _service(view, options, ledger, nap)
    addresses = _addresses(service)
    service.begin()
    ledger.save()
    import asyncio

    nap.on_loop = True
    asyncio.run(_serve(service, addresses, options))
    _log(f"{ledger.counts.flashing} flashing and {ledger.counts.partial} partial refreshes so far")
    return 0


def _service(view: View, options: Options, ledger: Ledger, nap: _Nap) -> Service:
    wanted, complaint = _settings(options.settings)
    return Service(
        Display(_connector(options, wanted), CONTROLLERS[_version(wanted)], time.monotonic, nap),
        view,
        own=Own(platform.node(), version=__version__, boots=ledger.boots, complaint=complaint),
        ledger=ledger,
        mirror=Mirror(options.runtime, _log, _uptime) if options.runtime is not None else None,
        clock=time.monotonic,
        stamp=lambda: _now(options.synchronised, ledger.boots),
        log=_log,
    )


class _Nap:
    """How the panel's steps let time pass: the process stands still until there is an event loop."""

    on_loop = False

    async def __call__(self, seconds: float) -> None:
        if self.on_loop:
            from asyncio import sleep

            await sleep(seconds)
        else:
            time.sleep(seconds)  # noqa: ASYNC251 - nobody else is there to wait for


async def _serve(service: Service, addresses: Addresses | None, options: Options) -> None:
    import asyncio

    from app.notify import notify
    from epaper.arrival import Arrival
    from epaper.link import Link

    socket = options.socket.absolute()
    arrival = Arrival(socket)
    link = Link(socket, service.tell, _log, time.monotonic, arrival.wait)

    def stop() -> None:
        notify("STOPPING=1")
        service.stop()

    loop = asyncio.get_running_loop()
    for number in _STOP:
        loop.add_signal_handler(number, stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP)
    if addresses is not None:
        loop.add_reader(addresses.fileno(), _look, service, addresses)
    loop.call_later(_AFTER_START, _give_back)
    device = Arrival(Path(f"/dev/spidev{options.spi[0]}.{options.spi[1]}"))
    expecting = asyncio.create_task(_expect(device, service))
    following = asyncio.create_task(link.follow())
    notify("READY=1")
    running = asyncio.create_task(service.run())
    try:
        # Neither ends by itself but by a defect, which must not go unnoticed for the rest of the uptime.
        done, _ = await asyncio.wait({following, running}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        tasks = {following, running, expecting}
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        arrival.close()
        device.close()


async def _expect(device: Arrival, service: Service) -> None:
    """The machine starts, too: the panel's device may come, or get its group, after the first attempt.

    Who missed that by a moment is a moment late, and not the policy's five seconds.
    """
    service.retry()
    while await device.wait(_AFTER_START):
        service.retry()


def _settings(path: Path) -> tuple[settings.Panel, str]:
    """The panel's section, and what is wrong with the file. A panel with the usual wires can still say so."""
    try:
        return settings.load(path).panel, ""
    except settings.BadSettings as error:
        _log(f"{error}; the panel runs with the usual settings")
        return settings.Panel(), str(error).replace(f"{path.parent}/", "")


def _give_back() -> None:
    """What only the start needed goes back to the system: a megabyte. Where the C library has no such call it stays."""
    import contextlib
    import ctypes

    gc.collect()
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _version(wanted: settings.Panel) -> Version:
    return next(version for version in CONTROLLERS if version == wanted.version)


def _addresses(service: Service) -> Addresses | None:
    """The kernel's news of addresses, and what it has so far; the socket lives as long as the process."""
    try:
        addresses = Addresses()
    except OSError as error:
        _log(f"the panel shows the daemon's addresses only: {error}")
        return None
    _look(service, addresses)
    return addresses


def _look(service: Service, addresses: Addresses) -> None:
    addresses.drain()
    service.found(addresses.now())


def _draw_sample(view: View, name: str, file: Path) -> int:
    from epaper.sample import STAMP, samples

    pages = samples()
    if name not in pages:
        _log(f"--page {name!r} is not known, expected one of {', '.join(pages)}")
        return 2
    PngFile(file).write(view.frame(pages[name], STAMP))
    return 0


def _connector(options: Options, wanted: settings.Panel) -> Callable[[], Port]:
    if options.simulate is None:
        power = wanted.power if isinstance(wanted.power, int) else None
        pins = Pins(wanted.reset, wanted.dc, wanted.busy, power)
        return lambda: Wires(options.spi, options.gpiochip, pins)
    from epaper.sim import SimulatedPanel

    picture = PngFile(options.simulate)

    def drawn(frame: bytes) -> None:
        try:
            picture.write(frame)
        except OSError as error:
            raise PanelError(f"no panel: {options.simulate}: {error.strerror}") from error

    panel = SimulatedPanel(drawn, time.monotonic, _version(wanted))
    return lambda: panel


def _now(synchronised: Path, boots: int | None) -> str:
    """The board has no clock of its own: until the network set it, the time since boot is all that is known."""
    wall = datetime.now(UTC).astimezone() if synchronised.exists() else None
    return stamp(wall, _uptime(), boots)


def _uptime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _log(line: str) -> None:
    """Standard error is the journal."""
    print(line, file=sys.stderr, flush=True)
