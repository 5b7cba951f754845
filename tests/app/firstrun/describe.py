"""Writes what is made from the table of keys: the sample file, and the table in docs. `python3 -m tests.app.firstrun.describe`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from app.firstrun import files, schema
from app.firstrun.schema import Row

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "firmware-config" / files.SAMPLE
DOCS = ROOT / "docs/first-run.md"
BEGIN, END = "<!-- made by tests.app.firstrun.describe -->\n", "<!-- end -->\n"

_HEAD = f"""\
What this device is to be like. Save a copy of this file as {files.INKVM}, beside it, and take the # away in front of
what you want to say, and of the [section] above it. It is read when the device starts, and again when it has changed;
if something in it is wrong the device says so on its panel, and changes nothing. Passwords in it are
overwritten with asterisks once the device knows them. Leave those as they are to keep the password.
"""


def _section(row: Row) -> str:
    return row.key.name.partition(".")[0]


def sample() -> str:
    """The file with every key as a comment."""
    lines = [f"# {line}" for line in _HEAD.splitlines()]
    ours = [row for row in schema.ROWS if row.own]
    for section, rows in groupby(ours, _section):
        several = section == schema.WIFI
        lines += ["", f"#[[{section}]]" if several else f"#[{section}]"]
        if several:
            lines.append("# This section can be there several times; the first network is preferred.")
        for row in rows:
            words = f"{row.key.about[0].upper()}{row.key.about[1:]}: {row.key.accepts} (without it: {row.default})."
            lines += [f"# {line}" for line in textwrap.wrap(words, 110)]
            lines.append(f"#{row.key.name.partition('.')[2]} = {row.example}")
    return "\n".join(lines) + "\n"


def table() -> str:
    """Every key of every format, for the documentation."""
    return "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    yield f"| `{files.INKVM}` | for | accepted | without it | `{files.PRESEED}`, `{files.IMAGER}` |"
    yield "|---|---|---|---|---|"
    for row in schema.ROWS:
        foreign = [f"`{name}`" for name in dict.fromkeys((row.preseed, row.imager)) if name]
        only = " (the first alone)" if row.preseed and not row.imager else ""
        secret = ", secret" if row.key.data == "secret" else ""
        own = f"`{row.key.name}`" if row.own else ""
        cells = (own, row.key.about + secret, row.key.accepts, row.default, ", ".join(foreign) + only)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def documented(text: str) -> str:
    """The page with today's table. Raises ValueError: it has no place for one."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN.strip()} ... {END.strip()}")
    return head + begin + table() + end + tail


if __name__ == "__main__":
    SAMPLE.write_text(sample(), "utf-8")
    DOCS.write_text(documented(DOCS.read_text("utf-8")), "utf-8")
