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
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

from app.auth.audit import Audit
from app.auth.card import Card
from app.auth.certificates import REQUEST
from app.auth.errors import BadState, NotAcceptable
from app.auth.front import FOLDER, HOSTS
from app.auth.issuer import Issuer

_REQUEST_MAX = 4096
"""Bytes of the request file that are read: it comes from a process that is trusted less."""


def main(arguments: Sequence[str]) -> int:
    """Do all of it; what fails is said, and does not keep the rest from being done. The exit status."""
    options = _parser().parse_args(arguments)
    options.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if options.owner and os.geteuid() == 0:
        account = pwd.getpwnam(options.owner)
        os.chown(options.state, account.pw_uid, account.pw_gid)
    troubles: list[str] = []
    with _mounted(options.boot, options.boot_device, troubles) as boot:
        if boot is not None:
            # Who is in charge is settled before the daemon runs; a request comes from one that does.
            running = (options.runtime / REQUEST).exists()
            _card(Card(boot, options.state), options.state, troubles, running=running)
    _give(options.state)
    try:
        now = datetime.datetime.now(datetime.UTC)
        built = datetime.datetime.fromtimestamp(Path(__file__).stat().st_mtime, datetime.UTC)
        reason = Issuer(options.state, built).renew(socket.gethostname(), _asked(options.runtime / REQUEST), now)
        if reason:
            print(f"a new certificate: {reason}")
    except (OSError, ValueError) as error:
        troubles.append(f"certificate: {error}")
    for words in troubles:
        print(f"inkvm: {words}", file=sys.stderr)
    return 1 if troubles else 0


def _card(card: Card, state: Path, troubles: list[str], *, running: bool) -> None:
    writer = ThreadPoolExecutor(1)
    audit = Audit(state / "audit.log", lambda: None, lambda: time.clock_gettime(time.CLOCK_BOOTTIME), writer)
    try:
        if not running:
            if card.reset():
                audit.record("access reset by the card")
                print("access was reset")
            name = card.import_account()
            if name:
                audit.record("account taken from the card", name)
                print("the customisation file's account is the administrator")
            card.take_hosts()
        card.show_claim()
    except (OSError, BadState, NotAcceptable) as error:
        troubles.append(f"the card's first partition: {error}")
    writer.shutdown()


@contextmanager
def _mounted(boot: Path | None, device: Path | None, troubles: list[str]) -> Iterator[Path | None]:
    """The first partition: where it is, or mounted for as long as this takes. None where there is none."""
    if boot is None or device is None:
        yield boot
        return
    boot.mkdir(mode=0o700, parents=True, exist_ok=True)
    mount = subprocess.run(
        ["mount", "-t", "vfat", "-o", "umask=0077,nosuid,nodev,noexec", device, boot],
        check=False,
        capture_output=True,
        text=True,
    )
    if mount.returncode:
        troubles.append(f"{device} is not mounted: {mount.stderr.strip()}")
        yield None
        return
    try:
        yield boot
    finally:
        subprocess.run(["umount", boot], check=False)


def _give(state: Path) -> None:
    """What was made for the daemon becomes the daemon's."""
    if os.geteuid():
        return
    owner = state.stat()
    folder = state / FOLDER
    made = [folder, *folder.glob("*.json"), state / "audit.log", state / HOSTS, state / "imported"]
    for path in made:
        if path.exists():
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _asked(request: Path) -> list[str]:
    """The addresses that the daemon asks for; whatever else is in the file is nothing."""
    try:
        with request.open("rb") as file:
            content = json.loads(file.read(_REQUEST_MAX))
    except (OSError, ValueError, RecursionError):
        return []
    found = []
    for each in content[:64] if isinstance(content, list) else []:
        try:
            found.append(str(ip_address(each)))
        except ValueError:
            continue
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m app.auth", description="Root's part of who may come in.")
    parser.add_argument("--state", type=Path, default=Path("/var/lib/inkvm"), help="what must last")
    parser.add_argument("--runtime", type=Path, default=Path("/run/inkvm"), help="where the daemon asks")
    parser.add_argument("--owner", help="the daemon's account, which gets the state folder")
    parser.add_argument("--boot", type=Path, metavar="FOLDER", help="the card's first partition")
    parser.add_argument("--boot-device", type=Path, metavar="DEVICE", help="mounts it there while this runs")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
