"""Root's one-shot at every start, before the network: the customisation file, and what follows from it."""

from __future__ import annotations

import argparse
import os
import pwd
import sys
from collections.abc import Sequence
from pathlib import Path

from app import identity
from app.chance import Chance
from app.firstrun import outcome
from app.firstrun.card import Card
from app.firstrun.run import Run
from app.firstrun.steps import Steps
from app.firstrun.vault import Vault


def main(arguments: Sequence[str]) -> int:
    """Do all of it; what fails is said, and does not keep the rest from being done. The exit status."""
    options = _parser().parse_args(arguments)
    owner = None
    if options.owner and os.geteuid() == 0:
        account = pwd.getpwnam(options.owner)
        owner = account.pw_uid, account.pw_gid
    steps = Steps(
        options.state, options.runtime, options.zones, Path("/etc/passwd"), name_system=_name_system, owner=owner
    )
    serial = identity.serial(Path("/"))
    vault = Vault(options.state / "firstrun")
    run = Run(Card(options.boot), vault, steps, Chance(), lasts=not options.volatile.exists())
    told = run.once(f"inkvm-{serial[-4:].lower()}" if serial else "")
    outcome.tell(options.runtime / "outcome.json", told, owner[1] if owner is not None else None)
    ignored = [f"{name} is not understood" for name in told.ignored]
    for words in (*_journal(told.refusal), *told.warnings, *ignored):
        print(f"{told.file or 'card'}: {words}", file=sys.stderr)
    return 1 if run.troubles else 0


def _name_system(name: str) -> None:
    """Give the running system its host name. Root may without another capability, where sethostname(2) asks for CAP_SYS_ADMIN."""
    Path("/proc/sys/kernel/hostname").write_text(name)


def _journal(refusal: str) -> list[str]:
    """A refusal as the journal may have it, which is read by more people than the panel: without the value."""
    what, value, rest = refusal.partition(" has value ")
    expected = rest.rpartition(", expected ")[2]
    return [f"not applied: {what}, expected {expected}" if value else f"not applied: {what}"] if refusal else []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m app.firstrun", description="The card's customisation file.")
    parser.add_argument("--boot", type=Path, default=Path("/boot/select"), help="the card's first partition")
    parser.add_argument("--state", type=Path, default=Path("/var/lib/inkvm"), help="what must last")
    parser.add_argument("--runtime", type=Path, default=Path("/run/inkvm-firstrun"), help="what holds for this start")
    parser.add_argument(
        "--volatile", type=Path, default=Path("/run/inkvm-data/reason"), help="is there while nothing lasts"
    )
    parser.add_argument("--zones", type=Path, default=Path("/usr/share/zoneinfo"), help="the time zone database")
    parser.add_argument("--owner", help="the daemon's account, which gets what it may change")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
