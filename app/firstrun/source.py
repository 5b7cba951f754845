"""The file as its owner wrote it: bytes to TOML, and back with its secrets starred out. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from app.firstrun.customisation import KEPT, Refused

_DEEPEST = 32
"""Tables and lists inside one another: no format needs more than three, and what is looked through must have an end."""
_DOTS = 32
"""In one line's keys, for the same reason: what the parser does with a dotted key takes the square of its parts."""
_QUOTED = re.compile(r"""\"[^"\n]*"|'[^'\n]*'""")
_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_PIECE = re.compile(
    r'"""(?P<long>(?:\\.|[^\\])*?"{0,2})"""(?!")'
    r"|'''(?P<raw>.*?'{0,2})'''(?!')"
    r'|"(?P<text>(?:\\.|[^"\\\n])*)"'
    r"|'(?P<plain>[^'\n]*)'"
    r"|#(?P<note>[^\n]*)",
    re.DOTALL,
)
"""Strings and comments of valid TOML: elsewhere in it there are neither quotes nor hashes."""

Path = tuple[str | int, ...]
"""Where a value is: names of tables and positions in lists."""


def document(content: bytes) -> dict[str, Any]:
    """The file as TOML. Raises Refused."""
    found = _parsed(_decoded(content))
    layer: list[Any] = [found]
    for _ in range(_DEEPEST):
        layer = [inner for each in layer for inner in _inside(each) if isinstance(inner, dict | list)]
    if layer:
        raise _too_deep()
    return found


def _inside(found: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return found.values() if isinstance(found, dict) else found


def _too_deep() -> Refused:
    return Refused("the file is nested too deeply, expected sections of keys as in the sample")


def _decoded(content: bytes) -> str:
    if content.startswith(_WIDE) or b"\0" in content[:64]:
        raise Refused("the file is in UTF-16 or not text, expected UTF-8 (in Notepad: Save as, Encoding)")
    try:
        return content.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused(f"line {line} has a byte that is not UTF-8, expected UTF-8 text") from error


def _parsed(text: str) -> dict[str, Any]:
    import tomllib

    if any(_dots(line) > _DOTS for line in text.split("\n")):
        raise _too_deep()
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise Refused(f"the file is not TOML: {error}, expected sections of keys as in the sample") from error


def _dots(line: str) -> int:
    """Those that are in neither quotes nor a comment."""
    return _QUOTED.sub("", line).partition("#")[0].count(".")


def values(found: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every value that is no table or list, and where it is."""
    if isinstance(found, dict):
        for name, inner in found.items():
            yield from values(inner, (*path, name))
    elif isinstance(found, list):
        for position, inner in enumerate(found):
            yield from values(inner, (*path, position))
    else:
        yield path, found


def scrubbed(content: bytes, secrets: dict[Path, str]) -> bytes:
    """The same file, of the same length, with asterisks for the secrets: their values, and what repeats them in comments.

    Args:
        content: a file that `document` takes.
        secrets: the values to be gone, and where they are.
    """
    head = _BOM if content.startswith(_BOM) else b""
    text = content.removeprefix(_BOM).decode("utf-8")
    told = set(secrets.values())
    pieces = list(_PIECE.finditer(text))
    gone = _values_of(text, pieces, secrets)
    made, end = "", 0
    for at, piece in enumerate(pieces):
        kind = str(piece.lastgroup)
        words = _without(piece[kind], told) if kind == "note" else _stars(piece[kind]) if at in gone else piece[kind]
        made += text[end : piece.start(kind)] + words
        end = piece.end(kind)
    return head + (made + text[end:]).encode()


def _values_of(text: str, pieces: list[re.Match[str]], secrets: dict[Path, str]) -> set[int]:
    """Which of the strings are the secrets: others that are spelt like one are names, or values that may be known.

    TOML itself says so, of the same file with another word in place of each of them.
    """
    mark = hashlib.sha256(text.encode()).hexdigest()
    told = set(secrets.values())
    spelt: dict[str | int, tuple[int, str]] = {}
    marked, end = "", 0
    for at, piece in enumerate(pieces):
        kind, word = str(piece.lastgroup), f"{mark}.{at}"
        if kind != "note" and (value := _parsed(f"x={piece[0]}")["x"]) in told:
            spelt[word] = at, value
            marked += text[end : piece.start(kind)] + word
            end = piece.end(kind)
    return {
        spelt[value][0]
        for path, value in values(_parsed(marked + text[end:]))
        if isinstance(value, str) and value in spelt and _named(path, spelt) in secrets
    }


def _named(path: Path, spelt: dict[str | int, tuple[int, str]]) -> Path:
    """The path as the file has it."""
    return tuple(spelt[part][1] if part in spelt else part for part in path)


def _without(words: str, secrets: set[str]) -> str:
    for secret in secrets:
        words = words.replace(secret, _stars(secret))
    return words


def _stars(words: str) -> str:
    """As many bytes as the words have."""
    return KEPT * len(words.encode())
