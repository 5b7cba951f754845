"""Debian's control format, as repositories' package indexes and dpkg's status file use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from image.records.lock import Package


class Unlisted(Exception):
    """A package is installed that no package index knows: nothing says what its file's hash was."""


def stanzas(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """Field name to first line of its value, one mapping a stanza. Continuation lines are left out: none is needed here.

    Source: Debian Policy, chapter 5, "Control files and their fields".
    """
    fields: dict[str, str] = {}
    for line in lines:
        if not line.strip():
            if fields:
                yield fields
            fields = {}
        elif not line[0].isspace():
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    if fields:
        yield fields


def status(tree: Path) -> dict[str, dict[str, str]]:
    """The packages that are installed in a tree, by name."""
    known = stanzas((tree / "var/lib/dpkg/status").read_text().splitlines())
    return {fields["Package"]: fields for fields in known if fields["Status"] == "install ok installed"}


def offers(index: str) -> dict[Package, bool]:
    """Every package of an index's text, and whether it is essential: part of every Debian."""
    return {
        Package(fields["Package"], fields["Version"], fields["Architecture"], fields["SHA256"]): fields.get("Essential")
        == "yes"
        for fields in stanzas(index.splitlines())
    }


def installed(tree: Path) -> set[Package]:
    """The packages installed in a tree, with the hashes that the indexes in it give. Raises `Unlisted`."""
    listed = [
        package for index in sorted(tree.glob("var/lib/apt/lists/*_Packages")) for package in offers(index.read_text())
    ]
    hashes = {(package.name, package.version, package.architecture): package for package in listed}
    found = set()
    for name, fields in status(tree).items():
        key = (name, fields["Version"], fields["Architecture"])
        if key not in hashes:
            raise Unlisted(f"no index in the tree knows {' '.join(key)}")
        found.add(hashes[key])
    return found
