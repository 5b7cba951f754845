"""`python3 -m image.firmware`: checks what the firmware of the board is told, before a card finds out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from app import settings
from image.firmware import overlay, wiring
from image.firmware.config import Finding, read
from image.firmware.facts import Facts, parse
from image.firmware.rules import check_autoboot, check_command_line, check_config, check_shipped

FOLDER = Path(__file__).resolve().parents[2] / "firmware-config"


def main(arguments: list[str]) -> int:
    """Print what is refused; the exit status is 0 when nothing is."""
    options = _parser().parse_args(arguments)
    facts = parse((FOLDER / "known.toml").read_text("utf-8"))
    try:
        panel = settings.parse(options.settings.read_text("utf-8")).panel if options.settings else settings.Panel()
        shipped = _shipped(options.overlays) if options.overlays is not None else None
        found = list(_findings(options.folder, _wires(panel, options.wire, facts), facts, shipped))
    except (OSError, ValueError) as error:
        print(f"{options.settings or options.folder}: {error}", file=sys.stderr)
        return 2
    for file, finding in found:
        print(
            f"{file}:{finding.line}: {finding.words}" if finding.line else f"{file}: {finding.words}", file=sys.stderr
        )
    return 1 if found else 0


def _findings(
    folder: Path, wires: dict[str, int], facts: Facts, shipped: dict[str, frozenset[str]] | None
) -> Iterator[tuple[Path, Finding]]:
    """A slot's partition has no autoboot.txt, so that the folder may be a card's as well."""
    config, command, autoboot = (folder / name for name in ("config.txt", "cmdline.txt", "autoboot.txt"))
    told = read(config.read_text("utf-8"), facts)
    yield from ((config, finding) for finding in check_config(told, wires, facts))
    if shipped is not None:
        yield from ((config, finding) for finding in check_shipped(told, shipped))
    yield from ((command, finding) for finding in check_command_line(command.read_text("utf-8"), told))
    if autoboot.exists():
        yield from ((autoboot, finding) for finding in check_autoboot(autoboot.read_text("utf-8"), facts))


def _shipped(folder: Path) -> dict[str, frozenset[str]]:
    found = {}
    for path in sorted(folder.glob("*.dtbo")):
        try:
            found[path.stem] = overlay.params(path.read_bytes())
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
    return found


def _wires(panel: settings.Panel, changed: list[tuple[str, int | None]], facts: Facts) -> dict[str, int]:
    wires: dict[str, int | None] = {**wiring.panel(panel), **facts.wires, **dict(changed)}
    return {name: line for name, line in wires.items() if line is not None}


def _wire(text: str) -> tuple[str, int | None]:
    name, _, line = text.partition("=")
    if name and line == "none":
        return name, None
    if not name or not line.isdecimal() or int(line) not in wiring.HEADER:
        raise argparse.ArgumentTypeError(f"{text!r}, expected NAME=LINE with a line from 0 to 27, or NAME=none")
    return name, int(line)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m image.firmware", description=(__doc__ or "").partition(": ")[2])
    add = parser.add_argument
    add("folder", nargs="?", type=Path, default=FOLDER, help="where config.txt and cmdline.txt are; firmware-config/")
    add("--settings", type=Path, metavar="FILE", help="the owner's settings.toml, for how the panel is wired")
    add("--overlays", type=Path, metavar="FOLDER", help="compiled overlays that have to know what is asked of them")
    add(
        "--wire", type=_wire, action="append", default=[], metavar="NAME=LINE",
        help="another wire on the header, or where one of the planned is, such as atx.power_led=24",
    )  # fmt: skip
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
