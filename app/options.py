"""What the caller asks for: the command line, the environment, and the settings file below them."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping
from pathlib import Path

from app import __version__, settings
from app.clock import SYNCHRONISED, Clock

USER = "admin"
ADMIN_VARIABLE = "INKVM_ADMIN_PASSWORD"
ADMIN_CREDENTIAL = "inkvm.admin-password"
PANEL = Path("/run/inkvm-epaper")
CARD_TROUBLE = Path("/run/inkvm-data/reason")
"""What the start of the system found wrong with the card's data, in words; it does not exist where all is well."""

FIRST_RUN = Path("/run/inkvm-firstrun/outcome.json")
"""What came of the customisation file on the card; it does not exist where nobody looked for one."""


class Misfit(Exception):
    """The appliance cannot start; the words are the one line the user gets."""


def arguments(argv: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python3 -m app", description="The inkvm appliance.")
    parser.add_argument("--listen", metavar="ADDRESS", help="address to listen on (settings: web.listen; default: all)")
    parser.add_argument("--port", type=int, help="HTTPS port, 0 for any (settings: web.port; default: 443)")
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="settings file (default: settings.toml in the state folder)"
    )
    parser.add_argument(
        "--state", type=Path, default=Path("/var/lib/inkvm"), help="what must last (default: %(default)s)"
    )
    parser.add_argument("--runtime", type=Path, default=Path("/run/inkvm"), help="sockets (default: %(default)s)")
    parser.add_argument(
        "--panel", type=Path, metavar="FOLDER", help="where the panel's service shows itself (default: its run folder)"
    )
    parser.add_argument("--source", type=Path, metavar="DEVICE", help="capture device (default: found by what it is)")
    parser.add_argument("--simulate", action="store_true", help="a simulated board and target instead of hardware")
    parser.add_argument(
        "--unclaimed",
        action="store_true",
        help="with --simulate: start as a board does, to be claimed, without a password",
    )
    parser.add_argument(
        "--synchronised",
        type=Path,
        metavar="FILE",
        help="is there once the clock was set (default: systemd's; with --simulate the clock is taken for right)",
    )
    parser.add_argument("--version", action="version", version=f"inkvm {__version__}")
    return parser.parse_args(argv)


def preset_password(environment: Mapping[str, str]) -> str | None:
    """The administrator's password from the environment or a systemd credential. Raises Misfit."""
    if ADMIN_VARIABLE in environment:
        return environment[ADMIN_VARIABLE]
    credential = Path(environment.get("CREDENTIALS_DIRECTORY", "")) / ADMIN_CREDENTIAL
    if "CREDENTIALS_DIRECTORY" in environment and credential.exists():
        try:
            return credential.read_text("utf-8").rstrip("\n")
        except (OSError, ValueError) as error:
            raise Misfit(f"{credential}: {error}") from error
    return None


def wanted_settings(options: argparse.Namespace) -> settings.Settings:
    """The settings file, with what the command line says instead; makes the folders. Raises Misfit."""
    try:
        for folder in (options.state, options.runtime):
            folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        wanted = settings.load(options.settings or options.state / "settings.toml")
    except settings.BadSettings as error:
        raise Misfit(str(error)) from error
    except OSError as error:
        raise Misfit(f"cannot make {error.filename}: {error.strerror}; see --state and --runtime") from error
    web = wanted.web
    if options.listen is not None:
        web = dataclasses.replace(web, listen=options.listen)
    if options.port is not None:
        web = dataclasses.replace(web, port=options.port)
    return dataclasses.replace(wanted, web=web)


def clock(options: argparse.Namespace) -> Clock:
    """The device's clock, or this computer's."""
    return Clock(options.synchronised or (None if options.simulate else SYNCHRONISED))


def panel_folder(options: argparse.Namespace) -> Path:
    """The run folder of the panel's service; in a simulation that is ours."""
    folder: Path = options.panel or (options.runtime if options.simulate else PANEL)
    return folder
