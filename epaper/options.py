"""The panel's command line. Without arguments, as on a board, nothing is loaded to read none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from epaper.typeface import TERMINUS

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Options:
    """What can be said; what is not said is as on a board."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Systemd names the folders it made for the service in the environment."""
        self.socket = Path("/run/inkvm/status.sock")
        self.settings = Path("/var/lib/inkvm/settings.toml")
        self.simulate: Path | None = None
        self.page: str | None = None
        self.spi = (0, 0)
        self.gpiochip = "/dev/gpiochip0"
        self.font_dir = TERMINUS
        self.state = Path(environment.get("STATE_DIRECTORY", "/var/lib/inkvm/panel"))
        self.runtime = Path(environment["RUNTIME_DIRECTORY"]) if "RUNTIME_DIRECTORY" in environment else None
        self.lost = Path("/run/inkvm-data/reason")
        """Exists where the state is kept in memory, in place of a card that refuses."""
        self.synchronised = Path("/run/systemd/timesync/synchronized")


def parse(arguments: list[str], environment: Mapping[str, str]) -> Options:
    """Read the command line; ends the process, in words, when it cannot be understood."""
    options = Options(environment)
    if arguments:
        parser = _parser()
        parser.parse_args(arguments, namespace=options)
        if options.page is not None and options.simulate is None:
            parser.error("--page draws into a file: give --simulate OUT.png, too")
    return options


def _parser() -> ArgumentParser:
    """Without defaults: those are Options'."""
    from argparse import SUPPRESS, ArgumentParser

    parser = ArgumentParser(
        prog="python3 -m epaper",
        description="Shows the device's status on its e-paper panel.",
        argument_default=SUPPRESS,
    )
    add = parser.add_argument
    add("--socket", type=Path, help="the daemon's status socket")
    add("--settings", type=Path, help="the owner's settings")
    add("--simulate", type=Path, metavar="OUT.png", help="a simulated panel that keeps its picture here")
    add("--page", metavar="NAME", help="with --simulate: draw one page with made-up data, and exit")
    add("--spi", type=_spi, metavar="BUS.SELECT", help="the panel's SPI device, 0.0")
    add("--gpiochip", help="the chip that has the lines")
    add("--font-dir", type=Path, help="where terminus-bold.otb is")
    add("--state", type=Path, metavar="FOLDER", help="where starts and refreshes are counted")
    add("--runtime", type=Path, metavar="FOLDER", help="where others find what the panel shows")
    add("--lost", type=Path, help="exists where the state does not outlive the power")
    add("--synchronised", type=Path, help="exists once the clock was set from the network")
    return parser


def _spi(text: str) -> tuple[int, int]:
    from argparse import ArgumentTypeError

    bus, _, select = text.partition(".")
    if not bus.isdecimal() or not select.isdecimal():
        raise ArgumentTypeError(f"{text!r}, expected BUS.SELECT, such as 0.0")
    return int(bus), int(select)
