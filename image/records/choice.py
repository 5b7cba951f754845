"""Which packages the image is made of this time, and which repository has them: the locked ones where they can be had."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from image.records.lock import Lock, Package
from image.records.mirror import Mirror, Unreachable, Unsolvable

SNAPSHOTS = {"": "Origin::Debian", "-updates": "Origin::Debian", "-security": "Override::Label::Debian-Security"}
"""Which setting of APT says where a suite's snapshots are. Source: apt.conf(5), "Acquire::Snapshots::URI", APT 3.0."""


@dataclass(frozen=True)
class Choice:
    """What to install, and the lines of sources.list that have it."""

    packages: frozenset[Package]
    sources: str


def snapshot_sources(own: str, options: Path, release: str, instant: str) -> str:
    """Lines for Debian's snapshot service, at the addresses that APT itself knows; empty when it knows none.

    Whom to trust is as in `own`, the builder's own lines. `options` is a file of APT settings.
    """
    command = ["apt-config", f"--config-file={options}", "dump"]
    known = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    addresses = dict(re.findall(r'(?m)^Acquire::Snapshots::URI::(\S+) "(.+)";$', known))
    trust = re.search(r"\b(signed-by|trusted)=[^] ]+", own)
    return "".join(
        f"deb [{trust[0] if trust else ''} check-valid-until=no] "
        f"{addresses[setting].replace('@SNAPSHOTID@', instant)} {release}{suffix} main\n"
        for suffix, setting in SNAPSHOTS.items()
        if setting in addresses
    )


def choose(lock: Lock | None, names: Iterable[str], mirrors: Iterable[Mirror]) -> Choice:
    """The locked packages from the first of the mirrors that has them all, else the newest that the last one has.

    The lock holds only if it is exactly what `names` and the essential packages need. A mirror that cannot be reached
    is passed over. Raises `Unreachable` when none can be, and `Unsolvable`.
    """
    reached = None
    why = Unreachable("no mirror is named")
    for mirror in mirrors:
        try:
            mirror.update()
        except Unreachable as unreachable:
            why = unreachable
            continue
        reached = mirror
        if lock is not None and _holds(lock, names, mirror):
            return Choice(lock.packages, mirror.sources)
    if reached is None:
        raise why
    return Choice(newest(reached, names), reached.sources)


def newest(mirror: Mirror, names: Iterable[str]) -> frozenset[Package]:
    """What the mirror would install now: the essential packages, `names`, and what they depend on."""
    offered = mirror.offers()
    solved = mirror.solve(_essential(offered) | set(names))
    return frozenset(package for package in offered if (package.name, package.version) in solved)


def _holds(lock: Lock, names: Iterable[str], mirror: Mirror) -> bool:
    offered = mirror.offers()
    if not lock.packages <= offered.keys():
        return False
    try:
        solved = mirror.solve(_essential(offered) | set(names), only=lock.packages)
    except Unsolvable:
        return False
    return solved == {(package.name, package.version) for package in lock.packages}


def _essential(offered: dict[Package, bool]) -> set[str]:
    return {package.name for package, is_essential in offered.items() if is_essential}
