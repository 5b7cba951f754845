"""What to do about the customisation file that lies on the card, or does not. Pure.

A file is judged once. One that is understood becomes a `Record`, which is kept before anything else happens: from then on
the file's secrets are not needed any more, and starred out on the card; whatever power cut comes, the next start goes on
from the record. One that is refused becomes a `Refusal`, and is left alone until its content changes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.firstrun.customisation import Customisation, Refused

if TYPE_CHECKING:
    from app.firstrun.formats import World


@dataclass(frozen=True, slots=True)
class Found:
    """A file that was read from the card."""

    name: str
    content: bytes = field(default=b"", repr=False)
    trouble: str = ""
    """Why there is no content to judge, in words."""

    @property
    def mark(self) -> str:
        """What tells it from every other one."""
        return hashlib.sha256(f"{self.name}\0{self.trouble}\0".encode() + self.content).hexdigest()


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """The file in force."""

    file: str = ""
    """Its name; empty while there was none."""
    mark: str = ""
    """Of the file once its secrets are starred out."""
    wanted: Customisation = field(default_factory=Customisation)
    warnings: tuple[str, ...] = ()
    original: bytes = b""
    """The file as it was, until its secrets are gone from the card; then it is empty, and so is the next."""
    clean: bytes = b""
    """The file as it is to be: of the same length, without secrets."""
    done: bool = True
    """Whether everything that lasts was made from it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The last file that was refused."""

    mark: str = ""
    words: str = ""


def in_force(found: Found, record: Record) -> bool:
    """Whether the file is the one that the record was made of: as it was, starred out, or somewhere in between.

    A power cut can stop the starring at any byte.
    """
    if found.mark == record.mark:
        return True
    if not record.original or found.name != record.file or len(found.content) != len(record.original):
        return False
    bytes_of_both = zip(found.content, record.original, record.clean, strict=True)
    return all(byte in (before, after) for byte, before, after in bytes_of_both)


def judge(found: Found, world: World, chosen: str) -> Record:
    """The record that a new file makes.

    Args:
        found: the file.
        world: what else it is judged by.
        chosen: the settings file's text, empty where there is none; the file's settings go on top.

    Raises:
        Refused: it is not applied.
    """
    from app import settings  # most starts find no new file, and do without
    from app.firstrun import formats, source

    if found.trouble:
        raise Refused(found.trouble)
    read = formats.read(found.name, found.content, world)
    try:
        settings.merged(chosen, dict(read.wanted.settings))
    except ValueError as error:
        raise Refused(str(error)) from error
    clean = source.scrubbed(found.content, read.secrets)
    mark = Found(found.name, clean).mark
    return Record(found.name, mark, read.wanted, read.warnings, found.content, clean, done=False)
