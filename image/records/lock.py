"""The lock of a base: which packages the image is made of, and when a mirror had them all. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

HEADING = "# Written by `make lock`: when a mirror had these packages, and each one's name, version, architecture and SHA-256.\n"


class BadLock(Exception):
    """A file is no lock, or no list of packages."""


@dataclass(frozen=True, order=True)
class Package:
    """One binary package as a repository offers it; `sha256` is that of the .deb file."""

    name: str
    version: str
    architecture: str
    sha256: str


@dataclass(frozen=True)
class Lock:
    """`snapshot` is an instant in UTC as Debian's snapshot service writes it: YYYYMMDDTHHMMSSZ."""

    snapshot: str
    packages: frozenset[Package]


def parse(text: str, name: str) -> Lock:
    """Read a lock file's text; `name` is what an error calls it."""
    instants = re.findall(r"(?m)^snapshot (\d{8}T\d{6}Z)$", text)
    if len(instants) != 1:
        raise BadLock(f"{name} has {len(instants)} lines 'snapshot YYYYMMDDTHHMMSSZ', expected one")
    return Lock(instants[0], packages(re.sub("(?m)^snapshot .*$", "", text), name))


def packages(text: str, name: str) -> frozenset[Package]:
    """Read a list of packages, as `lines` writes it; `name` is what an error calls it."""
    found = set()
    for line in text.splitlines():
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if len(words) != 4 or not re.fullmatch("[0-9a-f]{64}", words[3]):
            raise BadLock(f"{name} has the line '{line}', expected NAME VERSION ARCHITECTURE SHA256")
        found.add(Package(*words))
    return frozenset(found)


def render(lock: Lock) -> str:
    """The text that `parse` reads, sorted, so that a change of the lock reads as a change of packages."""
    return f"{HEADING}snapshot {lock.snapshot}\n{lines(lock.packages)}"


def lines(packages: Iterable[Package]) -> str:
    """One package a line, sorted."""
    return "".join(f"{p.name} {p.version} {p.architecture} {p.sha256}\n" for p in sorted(packages))


def differences(lock: Lock | None, found: Iterable[Package]) -> list[str]:
    """In words and by name, how the packages found differ from the locked ones; empty when they do not."""
    if lock is None:
        return ["nothing is locked yet"]
    before = {package.name: package for package in lock.packages}
    after = {package.name: package for package in found}
    return [
        _difference(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def _difference(name: str, before: Package | None, after: Package | None) -> str:
    if before is None:
        assert after is not None
        return f"{name} {after.version} is new"
    if after is None:
        return f"{name} {before.version} is gone"
    if before.version != after.version:
        return f"{name} {before.version} is now {after.version}"
    if before.architecture != after.architecture:
        return f"{name} {before.version} is now for {after.architecture}, not {before.architecture}"
    return f"{name} {before.version} has another content: SHA-256 {after.sha256}, not {before.sha256}"
