"""Command line of the panel's process: builds its parts once, runs them, and ends on SIGTERM with exit status 0."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import signal
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from epaper import v4
from epaper.display import Display
from epaper.link import Link
from epaper.picture import PngFile
from epaper.port import Port
from epaper.service import Service
from epaper.sim import SimulatedPanel
from epaper.spi import Pins, Wires
from epaper.stamp import stamp
from epaper.typeface import TERMINUS, FontMissing, Terminus
from epaper.view import View


def main(arguments: list[str]) -> int:
    """Run until stopped; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.page is not None and options.simulate is None:
        parser.error("--page draws into a file: give --simulate OUT.png, too")
    try:
        pins = Pins(options.reset, options.dc, options.busy, options.power)
        view = View(Terminus(options.font_dir))
    except (ValueError, FontMissing) as error:
        _log(str(error))
        return 2
    display = Display(_connector(options, pins), v4, time.monotonic)
    if options.page is not None:
        asyncio.run(_draw_sample(display, view, options.page))
    else:
        asyncio.run(_serve(display, view, options))
    return 0


async def _serve(display: Display, view: View, options: argparse.Namespace) -> None:
    service = Service(
        display,
        view,
        host=platform.node(),
        clock=time.monotonic,
        stamp=lambda: _now(options.synchronised),
        log=_log,
    )
    link = Link(options.socket, service.tell, _log, time.monotonic)
    notify_socket = os.environ.get("NOTIFY_SOCKET")

    def stop() -> None:
        _notify(notify_socket, "STOPPING=1")
        service.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    following = asyncio.create_task(link.follow())
    _notify(notify_socket, "READY=1")
    running = asyncio.create_task(service.run())
    try:
        # Neither ends by itself but by a defect, which must not go unnoticed for the rest of the uptime.
        done, _ = await asyncio.wait({following, running}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        following.cancel()
        running.cancel()


async def _draw_sample(display: Display, view: View, name: str) -> None:
    from epaper.sample import STAMP, samples

    await display.leave(view.frame(samples()[name], STAMP))


def _connector(options: argparse.Namespace, pins: Pins) -> Callable[[], Port]:
    if options.simulate is None:
        return lambda: Wires(options.spi, options.gpiochip, pins)
    panel = SimulatedPanel(PngFile(options.simulate).write, time.monotonic)
    return lambda: panel


def _now(synchronised: Path) -> str:
    """The board has no clock of its own: until the network set it, the time since boot is all that is known."""
    wall = datetime.now(UTC).astimezone() if synchronised.exists() else None
    return stamp(wall, time.clock_gettime(time.CLOCK_BOOTTIME))


def _notify(address: str | None, message: str) -> None:
    """Tell systemd, if it asked to be told (sd_notify(3)); a leading @ stands for the abstract namespace."""
    if address is None:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.connect("\0" + address[1:] if address.startswith("@") else address)
        sender.sendall(message.encode())


def _log(line: str) -> None:
    """Standard error is the journal."""
    print(line, file=sys.stderr, flush=True)


def _line_or_none(text: str) -> int | None:
    if text != "none" and not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}, expected a BCM number or none")
    return None if text == "none" else int(text)


def _spi(text: str) -> tuple[int, int]:
    bus, _, select = text.partition(".")
    if not bus.isdecimal() or not select.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}, expected BUS.SELECT, such as 0.0")
    return int(bus), int(select)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m epaper", description="Shows the device's status on its e-paper panel."
    )
    parser.add_argument(
        "--socket", type=Path, default=Path("/run/inkvm/status.sock"), help="the daemon's status socket"
    )
    parser.add_argument(
        "--simulate", type=Path, metavar="OUT.png", help="a simulated panel that keeps its picture here"
    )
    pages = ("starting", "set-up", "ready", "no-signal", "daemon-down", "stopped")
    parser.add_argument("--page", choices=pages, help="with --simulate: draw one page with made-up data, and exit")
    parser.add_argument("--spi", type=_spi, default=(0, 0), metavar="BUS.SELECT", help="the panel's SPI device, 0.0")
    parser.add_argument("--gpiochip", default="/dev/gpiochip0", help="the chip that has the lines")
    defaults = Pins()
    for name in ("reset", "dc", "busy"):
        parser.add_argument(f"--{name}", type=int, default=getattr(defaults, name), metavar="LINE", help="BCM number")
    parser.add_argument(
        "--power", type=_line_or_none, default=defaults.power, metavar="LINE", help="BCM number or none"
    )
    parser.add_argument("--font-dir", type=Path, default=TERMINUS, help="where terminus-bold.otb is")
    parser.add_argument(
        "--synchronised",
        type=Path,
        default=Path("/run/systemd/timesync/synchronized"),
        help="exists once the clock has been set from the network",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
