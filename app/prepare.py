"""Root's one-shot at every start, before the network: folders, the customisation file, then access and the certificate.

One process for all three: on the board's processor, starting Python and confining it takes longer than the work itself.
`app.auth` alone is for what the daemon asks for later.
"""

from __future__ import annotations

import argparse
import os
import pwd
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from app import durable
from app.auth.__main__ import main as admit
from app.firstrun.__main__ import main as customise
from app.firstrun.steps import CONNECTIONS


def main(arguments: Sequence[str]) -> int:
    """Do all of it; what fails in one part keeps nobody from the next. The exit status."""
    options = _parser().parse_args(arguments)
    common = ("--owner", options.owner, "--state", str(options.state), "--boot", str(options.boot))
    parts = (
        lambda: make_folders(options.state, options.owner, options.panel, options.clock),
        lambda: customise(common),
        lambda: admit(common),
    )
    return max([attempted(part) for part in parts])


def make_folders(state: Path, owner: str, panel: str, clock: str) -> int:
    """Those of the daemon, of the panel, which may pass through the first to its own, of the clock, and NetworkManager's. Raises OSError."""
    daemon, drawer, keeper = pwd.getpwnam(owner), pwd.getpwnam(panel), pwd.getpwnam(clock)
    make_folder(state, 0o710, daemon.pw_uid, daemon.pw_gid)
    durable.folder(state / "panel", (drawer.pw_uid, daemon.pw_gid))
    durable.folder(state / CONNECTIONS)
    durable.folder(state / "clock", (keeper.pw_uid, keeper.pw_gid))
    return 0


def make_folder(path: Path, mode: int, user: int, group: int) -> None:
    """Make it so, whatever was there; a link in its place is refused. Raises OSError."""
    path.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchown(descriptor, user, group)
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def attempted(part: Callable[[], int]) -> int:
    """Its exit status; 1 for one that gives up in any other way than by saying so."""
    try:
        return part()
    except Exception:  # noqa: BLE001 - without a certificate nobody could look at what went wrong
        traceback.print_exc()
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m app.prepare", description="Root's part of every start.")
    parser.add_argument("--owner", required=True, help="the daemon's account")
    parser.add_argument("--panel", required=True, help="the panel's account")
    parser.add_argument("--clock", required=True, help="the account of who keeps the time of day")
    parser.add_argument("--state", type=Path, default=Path("/var/lib/inkvm"), help="what must last")
    parser.add_argument("--boot", type=Path, default=Path("/boot/select"), help="the card's first partition")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
