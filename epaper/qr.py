"""QR codes, as rows of modules. Pure."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from types import ModuleType

Rows = tuple[tuple[bool, ...], ...]
"""True is black; the quiet zone is not in it."""

_COMPACT = re.compile(r"([0-9A-Z $%*+\-./:]{11,})")
"""Runs of alphanumeric mode's characters: 5.5 bits each in place of 8, worth the two headers from eleven on.
Source: ISO/IEC 18004, 7.4.4."""


def rows(text: str, version: int) -> Rows | None:
    """The code of exactly this version (17 modules and four for each), or None when the text does not fit.

    What room is left goes into error correction.
    """
    encoder = _encoder()
    try:
        code = encoder.encode(pieces(text), error="l", version=version, micro=False)
    except encoder.DataOverflowError:
        return None
    return tuple(tuple(module == 1 for module in row) for row in code.matrix)


def pieces(text: str) -> list[str]:
    """The text in segments, each of which the encoder gives the mode that suits it."""
    return [piece for piece in _COMPACT.split(text) if piece]


def _encoder() -> ModuleType:
    """Segno's encoder without the rest of it.

    The package itself imports writers for a dozen formats, and with them urllib, http and email: three megabytes of the 25
    that this process may have.
    """
    known = sys.modules.get("segno.encoder")
    if known is not None:
        return known
    spec = importlib.util.find_spec("segno")
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError("segno is not installed; install the package python3-segno")
    package = ModuleType("segno")
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules["segno"] = package
    try:
        return importlib.import_module("segno.encoder")
    finally:
        del sys.modules["segno"]  # whoever wants all of it gets all of it
