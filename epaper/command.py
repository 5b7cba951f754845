"""Command line of the panel's process: builds its parts once, runs them, and ends on SIGTERM with exit status 0."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import gc
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app import __version__, settings
from app.net.addresses import Addresses
from app.notify import notify
from epaper import v2, v3, v4
from epaper.arrival import Arrival
from epaper.display import Display
from epaper.ledger import Ledger
from epaper.link import Link
from epaper.mirror import Mirror
from epaper.page import Own
from epaper.panel import Controller
from epaper.picture import PngFile
from epaper.port import Port
from epaper.service import Service
from epaper.spi import Pins, Wires
from epaper.stamp import stamp
from epaper.typeface import TERMINUS, FontMissing, Terminus
from epaper.view import View

if TYPE_CHECKING:
    from epaper.sim import Version

CONTROLLERS: dict[Version, Controller] = {"v2": v2, "v3": v3, "v4": v4}
_AFTER_START = 30.0
"""Seconds; the first pictures have been drawn by then."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def main(arguments: list[str]) -> int:
    """Run until stopped; returns the exit status."""
    parser = _parser(os.environ)
    options = parser.parse_args(arguments)
    if options.page is not None and options.simulate is None:
        parser.error("--page draws into a file: give --simulate OUT.png, too")
    try:
        view = View(Terminus(options.font_dir))
    except FontMissing as error:
        _log(str(error))
        return 2
    if options.page is not None:
        return _draw_sample(view, options.page, options.simulate)
    ledger = Ledger(options.state / "panel-counts.json", BOOT_ID.read_text().strip(), _log)
    asyncio.run(_serve(view, options, ledger))
    return 0


async def _serve(view: View, options: argparse.Namespace, ledger: Ledger) -> None:
    wanted, complaint = _settings(options.settings)
    service = Service(
        Display(_connector(options, wanted), CONTROLLERS[_version(wanted)], time.monotonic),
        view,
        own=Own(platform.node(), version=__version__, boots=ledger.boots, complaint=complaint),
        ledger=ledger,
        mirror=Mirror(options.runtime, _log) if options.runtime is not None else None,
        clock=time.monotonic,
        stamp=lambda: _now(options.synchronised, ledger.boots),
        log=_log,
    )
    arrival = Arrival(options.socket.absolute())
    link = Link(options.socket, service.tell, _log, time.monotonic, arrival.wait)

    def stop() -> None:
        notify("STOPPING=1")
        service.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    _watch_addresses(service, loop)
    loop.call_later(_AFTER_START, _give_back)
    following = asyncio.create_task(link.follow())
    notify("READY=1")
    running = asyncio.create_task(service.run())
    try:
        # Neither ends by itself but by a defect, which must not go unnoticed for the rest of the uptime.
        done, _ = await asyncio.wait({following, running}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        following.cancel()
        running.cancel()
        await asyncio.wait({following, running})
        arrival.close()
    _log(f"{ledger.counts.flashing} flashing and {ledger.counts.partial} partial refreshes so far")


def _settings(path: Path) -> tuple[settings.Panel, str]:
    """The panel's section, and what is wrong with the file. A panel with the usual wires can still say so."""
    try:
        return settings.load(path).panel, ""
    except settings.BadSettings as error:
        _log(f"{error}; the panel runs with the usual settings")
        return settings.Panel(), str(error).replace(f"{path.parent}/", "")


def _give_back() -> None:
    """What only the start needed goes back to the system: a megabyte. Where the C library has no such call it stays."""
    gc.collect()
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _version(wanted: settings.Panel) -> Version:
    return next(version for version in CONTROLLERS if version == wanted.version)


def _watch_addresses(service: Service, loop: asyncio.AbstractEventLoop) -> None:
    """Follow the kernel's news of addresses; the socket lives as long as the process."""
    try:
        addresses = Addresses()
    except OSError as error:
        _log(f"the panel shows the daemon's addresses only: {error}")
        return

    def look() -> None:
        addresses.drain()
        service.found(addresses.now())

    look()
    loop.add_reader(addresses.fileno(), look)


def _draw_sample(view: View, name: str, file: Path) -> int:
    from epaper.sample import STAMP, samples

    pages = samples()
    if name not in pages:
        _log(f"--page {name!r} is not known, expected one of {', '.join(pages)}")
        return 2
    PngFile(file).write(view.frame(pages[name], STAMP))
    return 0


def _connector(options: argparse.Namespace, wanted: settings.Panel) -> Callable[[], Port]:
    if options.simulate is None:
        power = wanted.power if isinstance(wanted.power, int) else None
        pins = Pins(wanted.reset, wanted.dc, wanted.busy, power)
        return lambda: Wires(options.spi, options.gpiochip, pins)
    from epaper.sim import SimulatedPanel

    panel = SimulatedPanel(PngFile(options.simulate).write, time.monotonic, _version(wanted))
    return lambda: panel


def _now(synchronised: Path, boots: int | None) -> str:
    """The board has no clock of its own: until the network set it, the time since boot is all that is known."""
    wall = datetime.now(UTC).astimezone() if synchronised.exists() else None
    return stamp(wall, time.clock_gettime(time.CLOCK_BOOTTIME), boots)


def _log(line: str) -> None:
    """Standard error is the journal."""
    print(line, file=sys.stderr, flush=True)


def _spi(text: str) -> tuple[int, int]:
    bus, _, select = text.partition(".")
    if not bus.isdecimal() or not select.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}, expected BUS.SELECT, such as 0.0")
    return int(bus), int(select)


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    """Systemd names the folders it made for the service in the environment."""
    parser = argparse.ArgumentParser(
        prog="python3 -m epaper", description="Shows the device's status on its e-paper panel."
    )
    add = parser.add_argument
    add("--socket", type=Path, default=Path("/run/inkvm/status.sock"), help="the daemon's status socket")
    add("--settings", type=Path, default=Path("/var/lib/inkvm/settings.toml"), help="the owner's settings")
    add("--simulate", type=Path, metavar="OUT.png", help="a simulated panel that keeps its picture here")
    add("--page", metavar="NAME", help="with --simulate: draw one page with made-up data, and exit")
    add("--spi", type=_spi, default=(0, 0), metavar="BUS.SELECT", help="the panel's SPI device, 0.0")
    add("--gpiochip", default="/dev/gpiochip0", help="the chip that has the lines")
    add("--font-dir", type=Path, default=TERMINUS, help="where terminus-bold.otb is")
    state = Path(environment.get("STATE_DIRECTORY", "/var/lib/inkvm/panel"))
    add("--state", type=Path, default=state, metavar="FOLDER", help="where starts and refreshes are counted")
    runtime = Path(environment["RUNTIME_DIRECTORY"]) if "RUNTIME_DIRECTORY" in environment else None
    add("--runtime", type=Path, default=runtime, metavar="FOLDER", help="where others find what the panel shows")
    synchronised = Path("/run/systemd/timesync/synchronized")
    add("--synchronised", type=Path, default=synchronised, help="exists once the clock was set from the network")
    return parser
