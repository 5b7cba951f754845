"""config.txt as the firmware of this board understands it. Pure.

Sections for other boards are left out; what an overlay does not know goes to the base device tree, as
raspberrypi/documentation has it (configuration/device-tree.adoc, "DT parameters").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from image.firmware.facts import Facts

_REPEATED = {"gpio"}
"""Options that every line adds to."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is refused."""

    words: str
    line: int = 0
    """Counted from 1; 0 for the file as a whole."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it stands."""

    value: str
    line: int

    @property
    def on(self) -> bool:
        """Whether it switches something on, as the firmware reads a parameter."""
        return self.value.lower() not in {"0", "off", "no", "n", "false"}


@dataclass(slots=True)
class Overlay:
    """One `dtoverlay=` with its parameters, from whichever lines."""

    name: str
    line: int
    params: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Config:
    """What the file says to this board, and what in it cannot be understood."""

    options: dict[str, Setting] = field(default_factory=dict)
    base: dict[str, Setting] = field(default_factory=dict)
    """Parameters of the base device tree."""
    overlays: list[Overlay] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, words: str, line: int) -> None:
        """Note what cannot be understood."""
        self.findings.append(Finding(words, line))


def read(text: str, facts: Facts) -> Config:
    """The file as values; whatever is wrong with a line is among the findings."""
    reader = _Reader(facts)
    for number, line in enumerate(text.splitlines(), 1):
        reader.take(line, number)
    return reader.config


class _Reader:
    """Goes through the lines: which filter holds, and which overlay a parameter would be for."""

    def __init__(self, facts: Facts) -> None:
        self.config = Config()
        self._facts = facts
        self._ours = True
        self._scope: Overlay | None = None

    def take(self, line: str, number: int) -> None:
        limit = self._facts.line_length
        if len(line) > limit:
            self.config.refuse(f"has {len(line)} characters, expected at most {limit}: the rest is ignored", number)
        line = line.strip()
        if line.startswith("["):
            self._filter(line, number)
        elif line and not line.startswith("#") and self._ours:
            self._setting(line, number)

    def _filter(self, line: str, number: int) -> None:
        name = line.strip("[]")
        if name not in self._facts.here | self._facts.elsewhere:
            accepted = ", ".join(f"[{name}]" for name in sorted(self._facts.here))
            words = f"filter {line} depends on what cannot be known beforehand, expected {accepted} or another board's"
            self.config.refuse(words, number)
        self._ours = name not in self._facts.elsewhere

    def _setting(self, line: str, number: int) -> None:
        key, equals, value = line.partition("=")
        name = key.partition(":")[0]
        if name == "dtoverlay":
            self._overlay(value, number)
        elif name == "dtparam":
            for text in value.split(","):
                self._param(text, number)
        elif not equals:  # `include` and `initramfs` too: all stands in one file, and there is no initial RAM disk
            self.config.refuse(f"{line!r} is no setting, expected key=value, a [filter] or a # comment", number)
        elif name not in self._facts.options:
            self.config.refuse(f"option {name!r} is none that this board's firmware knows", number)
        elif name in self.config.options and name not in _REPEATED:
            earlier = self.config.options[name].line
            self.config.refuse(f"option {name!r} is set in line {earlier} already, expected it once", number)
        else:
            self.config.options[name] = Setting(value, number)

    def _overlay(self, value: str, number: int) -> None:
        name, *params = value.split(",")
        self._scope = None
        if not name:
            return
        if name not in self._facts.overlays:
            accepted = ", ".join(self._facts.overlays)
            self.config.refuse(f"overlay {name!r} is not known, expected one of {accepted}", number)
            return
        self._scope = Overlay(name, number)
        self.config.overlays.append(self._scope)
        for text in params:
            param, _, given = text.partition("=")
            if self._is_taken(param, number, {}):
                self._scope.params[param] = given

    def _param(self, text: str, number: int) -> None:
        name, _, value = text.partition("=")
        if not self._is_taken(name, number, self._facts.base):
            return
        if self._scope is not None and name in self._facts.overlays[self._scope.name].takes:
            self._scope.params[name] = value
        else:
            self.config.base[name] = Setting(value, number)

    def _is_taken(self, name: str, number: int, others: Iterable[str]) -> bool:
        """Whether the last overlay, or one of the others, takes the parameter; it is refused if not."""
        overlay = self._facts.overlays[self._scope.name].takes if self._scope is not None else ()
        accepted = (*overlay, *others)
        if name in accepted:
            return True
        owner = f"overlay {self._scope.name!r}" if self._scope is not None else "the base device tree"
        takes = f"expected one of {', '.join(accepted)}" if accepted else "expected none"
        self.config.refuse(f"parameter {name!r} is none that {owner} takes, {takes}", number)
        return False
