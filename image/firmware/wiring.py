"""Who uses which line of the SoC: what config.txt switches on, and what is wired to the header. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app import settings
from image.firmware.config import Config, Finding
from image.firmware.facts import Facts, Part

HEADER, SOC = range(28), range(54)
"""Lines on the header, and all of the SoC's."""
BOARD = ("HDMI detection", "the status LED")
"""Who holds lines on the board itself, whatever config.txt says."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody uses a line."""

    line: int
    who: str
    """As named in a file: `panel.busy`, `dtparam=spi=on`."""
    soc: str = ""
    """The part of the SoC behind it, if it is one: two claims for the same part are one."""
    number: int = 0
    """Of the line in config.txt."""

    def __str__(self) -> str:
        """As a sentence has it."""
        return f"{self.who} ({self.soc})" if self.soc not in {"", self.who} else self.who


def panel(panel: settings.Panel) -> dict[str, int]:
    """The panel's wires as the owner set them."""
    lines = {"reset": panel.reset, "dc": panel.dc, "busy": panel.busy, "power": panel.power}
    return {f"panel.{name}": line for name, line in lines.items() if isinstance(line, int)}


@dataclass(frozen=True, slots=True)
class _Use:
    """A part that config.txt switches on."""

    who: str
    part: Part
    params: Mapping[str, str]
    number: int

    def lines(self, facts: Facts) -> Iterator[int]:
        """Every line it takes."""
        frees = self.part.frees
        freed = {line for param in frees if param in {"always", *self.params} for line in frees[param]}
        yield from (line for line in facts.lines.get(self.part.holds, ()) if line not in freed)
        for param, line in self.part.wires.items():
            yield int(self.params.get(param, line))


def _uses(config: Config, facts: Facts) -> Iterator[_Use]:
    """What is on. Where an overlay rearranges what a parameter of the base switches on, the overlay counts."""
    rearranged = {facts.overlays[overlay.name].holds for overlay in config.overlays} - {""}
    for overlay in config.overlays:
        part = facts.overlays[overlay.name]
        yield _Use(f"dtoverlay={overlay.name}", part, overlay.params, overlay.line)
    for name, setting in config.base.items():
        part = facts.base[name]
        if (setting.on or part.wires) and part.holds not in rearranged:
            yield _Use(f"dtparam={name}", part, {name: setting.value}, setting.line)


def _claims(config: Config, wires: Mapping[str, int], facts: Facts) -> Iterator[Claim]:
    for owner in BOARD:
        yield from (Claim(line, owner, owner) for line in facts.lines[owner])
    if "enable_uart" in config.options and config.options["enable_uart"].on:
        number = config.options["enable_uart"].line
        yield from (Claim(line, "enable_uart", "UART", number) for line in facts.lines["UART"])
    for use in _uses(config, facts):
        yield from (Claim(line, use.who, use.part.holds, use.number) for line in use.lines(facts))
    yield from (Claim(line, name) for name, line in wires.items())


def clashes(config: Config, wires: Mapping[str, int], facts: Facts) -> Iterator[Finding]:
    """Lines that are wanted twice. The kernel itself refuses few of them: mostly one of the two just stops working."""
    seen: dict[int, Claim] = {}
    for claim in _claims(config, wires, facts):
        other = seen.setdefault(claim.line, claim)
        if other is not claim and not (claim.soc and claim.soc == other.soc):
            yield Finding(
                f"GPIO {claim.line} is wanted by {other} and by {claim}: mostly one of them stops working without an "
                "error; expected another line for one, or only one of the two",
                claim.number or other.number,
            )


def bad_lines(config: Config, facts: Facts) -> Iterator[Finding]:
    """Parameters that should name a line of the SoC, and do not."""
    for use in _uses(config, facts):
        for name in use.part.wires:
            value = use.params.get(name)
            if value is not None and not (value.isdecimal() and int(value) in SOC):
                yield Finding(f"parameter {name!r} has value {value!r}, expected a line from 0 to 53", use.number)
