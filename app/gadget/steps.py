"""From the ConfigFS folder that is found to the one that is planned, as a list of steps in the kernel's order.

The kernel refuses to change what is linked or bound. Whatever differs, the gadget is therefore unbound, all links go, and what
the plan has not; functions that the plan has as well stay, because with the last HID instance the kernel would give up
the device numbers that the daemon may open. Every step leaves a folder from which the same rules lead to the plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.gadget.plan import Attribute, Entry, Folder, Link, Plan, Value

_MADE = re.compile(
    r"strings/[^/]+|functions/[^/]+|functions/[^/]+/lun\.[1-9]\d*|configs/[^/]+|configs/[^/]+/strings/[^/]+"
)
"""Folders that somebody has made, beside those inside functions that are not ours. The kernel makes others of its own."""


@dataclass(frozen=True, slots=True)
class Found:
    """A gadget's folder as it is; paths are relative to it."""

    folders: tuple[str, ...]
    """Parents first."""
    links: Mapping[str, str]
    """To their targets."""
    values: Mapping[str, bytes]
    """Attributes that the plan has, and all strings."""
    udc: str
    """The controller it is bound to, or nothing."""


@dataclass(frozen=True, slots=True)
class Unbind:
    """Let go of the controller: the host sees the cable pulled."""


@dataclass(frozen=True, slots=True)
class Bind:
    """Take a controller."""

    udc: str


@dataclass(frozen=True, slots=True)
class Unlink:
    """Take a link away."""

    path: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a folder away, unless it is one that the kernel has made and takes away itself."""

    path: str


Step = Entry | Unbind | Bind | Unlink | Remove


def up(found: Found | None, plan: Plan, udc: str) -> Iterator[Step]:
    """What to do; nothing when all is as planned. `found` is None where there is no folder."""
    if found is None:
        yield from plan.entries
    elif not _matches(found, plan):
        kept = {entry.path for entry in plan.entries if isinstance(entry, Folder)} & _functions(found)
        yield from _clear(found, kept)
        yield from _make(found, plan, kept)
    elif found.udc == udc:
        return
    elif found.udc:
        yield Unbind()
    yield Bind(udc)


def down(found: Found | None) -> Iterator[Step]:
    """Take everything away."""
    if found is not None:
        yield from _clear(found, set())
        yield Remove("")


def _functions(found: Found) -> set[str]:
    return {path for path in found.folders if re.fullmatch(r"functions/[^/]+", path)}


def _matches(found: Found, plan: Plan) -> bool:
    folders = {entry.path for entry in plan.entries if isinstance(entry, Folder)} - {""}
    links = {entry.path: entry.target for entry in plan.entries if isinstance(entry, Link)}
    values = {entry.path: entry.value for entry in plan.entries if isinstance(entry, Attribute)}
    return (
        {path for path in found.folders if _MADE.fullmatch(path)} == folders
        and dict(found.links) == links
        and found.values.keys() >= values.keys()
        and all(_is(value, values.get(path, "")) for path, value in found.values.items())
    )


def _clear(found: Found, kept: set[str]) -> Iterator[Step]:
    if found.udc:
        yield Unbind()
    for path in found.links:
        yield Unlink(path)
    foreign = tuple(f"{path}/" for path in _functions(found) - kept)
    for path in reversed(found.folders):
        if path not in kept and (_MADE.fullmatch(path) or path.startswith(foreign)):
            yield Remove(path)


def _make(found: Found, plan: Plan, kept: set[str]) -> Iterator[Step]:
    inside = tuple(f"{folder}/" for folder in ("os_desc", *kept))
    for entry in plan.entries:
        match entry:
            case Folder(path) if path in {"", *kept}:
                continue
            case Attribute(path, value) if "/" not in path or path.startswith(inside):
                if _is(found.values.get(path, b""), value):
                    continue
        yield entry


def _is(read: bytes, wanted: Value) -> bool:
    """Whether what the kernel prints is the value that is wanted."""
    if isinstance(wanted, bytes):
        return read == wanted
    text = read.decode(errors="replace").rstrip("\0\n")  # ncm counts the end of its strings as part of them
    return bool(text) and int(text, 0) == wanted if isinstance(wanted, int) else text == wanted
