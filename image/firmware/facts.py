"""What the firmware and its device tree are known to take: `firmware-config/known.toml` as values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """An overlay, or a parameter of the base device tree: what can be said to it, and what it holds."""

    params: tuple[str, ...] = ()
    holds: str = ""
    """The key in `Facts.lines` of the lines that it takes from everybody else."""
    frees: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Of those lines, which it gives back: `always`, or when a parameter is given."""
    wires: Mapping[str, int] = field(default_factory=dict)
    """Parameters that name a line, and the line that it is otherwise."""
    cma: bool = False
    """It sizes contiguous memory."""

    @property
    def takes(self) -> tuple[str, ...]:
        """All of its parameters."""
        return (*self.params, *self.wires, *(name for name in self.frees if name != "always"))


@dataclass(frozen=True, slots=True)
class Facts:
    """The file. Lines are BCM numbers."""

    line_length: int
    """Characters of a line of config.txt; the firmware ignores the rest."""
    options: frozenset[str]
    here: frozenset[str]
    """Filters that this board always passes."""
    elsewhere: frozenset[str]
    """Filters that it never passes."""
    autoboot_bytes: int
    autoboot_options: frozenset[str]
    autoboot_filters: frozenset[str]
    lines: Mapping[str, tuple[int, ...]]
    """Who in the SoC or on the board uses which lines."""
    wires: Mapping[str, int]
    """What is planned on the header beside the panel."""
    base: Mapping[str, Part]
    overlays: Mapping[str, Part]


def parse(text: str) -> Facts:
    """Read known.toml. Raises ValueError, KeyError or TypeError: the file is the repository's own."""
    found = tomllib.loads(text)
    config, autoboot = found["config"], found["autoboot"]
    return Facts(
        line_length=config["line_length"],
        options=frozenset(config["options"]),
        here=frozenset(config["here"]),
        elsewhere=frozenset(config["elsewhere"]),
        autoboot_bytes=autoboot["bytes"],
        autoboot_options=frozenset(autoboot["options"]),
        autoboot_filters=frozenset(autoboot["filters"]),
        lines={name: tuple(lines) for name, lines in found["lines"].items()},
        wires=found["wires"],
        base={name: _part(part) for name, part in found["base"].items()},
        overlays={name: _part(part) for name, part in found["overlays"].items()},
    )


def _part(found: dict[str, Any]) -> Part:
    frees = {name: tuple(lines) for name, lines in found.get("frees", {}).items()}
    return Part(**{**found, "params": tuple(found.get("params", ())), "frees": frees})
