"""The root's one-shot, before the daemon and whenever it asks: what the card says about access, and the certificate.

The daemon never sees the authority's key. What it may ask for is a leaf for other addresses, and the authority's own
constraints bound that.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import pwd
import re
import socket
import stat
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from app.auth.card import Card
from app.auth.errors import BadState, NotAcceptable
from app.auth.issuer import REQUEST, Issuer
from app.chance import Chance
from app.clock import SYNCHRONISED, Clock
from app.durable import Owner

_LOCAL = re.compile(r"[A-Za-z0-9-]{1,63}\.local")
"""What multicast DNS may have made of the device's name after a conflict."""
_REQUEST_MAX = 4096
"""Bytes of the request file that are read: it comes from a process that is trusted less."""


def main(arguments: Sequence[str]) -> int:
    """Do all of it; what fails is said, and does not keep the rest from being done. The exit status."""
    options = _parser().parse_args(arguments)
    options.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = None
    if options.owner and os.geteuid() == 0:
        account = pwd.getpwnam(options.owner)
        owner = account.pw_uid, account.pw_gid
    # First of all: a request that stays is one that starts this again, at once and for ever.
    request = _taken(options.runtime)
    troubles: list[str] = []
    clock = Clock(options.synchronised)
    found = options.state.stat()
    if owner is not None and (found.st_uid, found.st_gid) != owner:
        os.chown(options.state, *owner)
    if options.boot is not None:
        # Who is in charge is settled before the daemon runs; a request comes from one that does.
        card = Card(options.boot, options.state, Chance(), owner)
        _card(card, options, clock, troubles, owner, running=request is not None)
    try:
        built = datetime.datetime.fromtimestamp(Path(__file__).stat().st_mtime, datetime.UTC)
        reason = Issuer(options.state, built, clock, owner).renew(socket.gethostname(), _asked(request or b""))
        if reason:
            print(f"a new certificate: {reason}")
    except (OSError, ValueError) as error:
        troubles.append(f"certificate: {error}")
    for words in troubles:
        print(f"inkvm: {words}", file=sys.stderr)
    return 1 if troubles else 0


def _card(
    card: Card, options: argparse.Namespace, clock: Clock, troubles: list[str], owner: Owner | None, *, running: bool
) -> None:
    def note(event: str, user: str = "", **details: Any) -> None:
        from app.auth.audit import Audit  # most starts have nothing to note
        from app.writer import Writer

        writer = Writer()
        Audit(options.state / "audit.log", clock.true, clock.uptime, writer, owner).record(event, user, **details)
        writer.close()

    try:
        if not running:
            if card.reset():
                note("access reset by the card")
                print("access was reset")
            name = card.import_account(options.account)
            if name:
                note("account taken from the card", name)
                print("the customisation file's account is the administrator")
            names = card.set_by(options.told)
            if names:
                note("settings taken from the card", keys=names)
            card.take_hosts()
        card.show_claim()
    except (OSError, BadState, NotAcceptable) as error:
        troubles.append(f"the card's first partition: {error}")


def _taken(runtime: Path) -> bytes | None:
    """What the daemon's request says; None when there is none. Raises OSError.

    It is taken off its place before anything is looked at: what is asked for from then on starts this again.
    """
    taken = runtime / f".{REQUEST}.taken"
    try:
        (runtime / REQUEST).rename(taken)
    except FileNotFoundError:
        return None
    try:
        descriptor = os.open(taken, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""  # no file; whoever may write there has asked for nothing
    with os.fdopen(descriptor, "rb") as file:
        return file.read(_REQUEST_MAX) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""


def _asked(request: bytes) -> list[str]:
    """The addresses that the daemon asks for, and names of its own network; whatever else it says is nothing."""
    try:
        content = json.loads(request)
    except (ValueError, RecursionError):
        return []
    found = []
    for each in content[:64] if isinstance(content, list) else []:
        if isinstance(each, str) and _LOCAL.fullmatch(each):
            found.append(each)
            continue
        try:
            found.append(str(ip_address(each)))
        except ValueError:
            continue
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m app.auth", description="Root's part of who may come in.")
    parser.add_argument("--state", type=Path, default=Path("/var/lib/inkvm"), help="what must last")
    parser.add_argument("--runtime", type=Path, default=Path("/run/inkvm"), help="where the daemon asks")
    parser.add_argument("--synchronised", type=Path, default=SYNCHRONISED, help="is there once the clock was set")
    parser.add_argument("--owner", help="the daemon's account, which gets the state folder")
    parser.add_argument("--boot", type=Path, metavar="FOLDER", help="the card's first partition")
    parser.add_argument(
        "--account",
        type=Path,
        default=Path("/run/inkvm-firstrun/account.json"),
        help="whom the card makes administrator",
    )
    parser.add_argument(
        "--told", type=Path, default=Path("/run/inkvm-firstrun/set.json"), help="what the card has set, by name"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
