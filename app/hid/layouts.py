"""Keyboard layouts turned around: which keys to press for a character.

A layout says what each key gives; to type a text one needs the opposite. The way of each character is found by trying: every key,
alone and with Shift, Level3 (AltGr) and Level5 wherever the layout has them, then every dead key before every other, all of it with
Caps Lock off and on, because Caps Lock is not Shift (French é becomes É). The way that most systems and firmwares understand wins.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from typing import Protocol

from app.hid.keyboard import RELEASED, Keyboard
from app.hid.usages import MODIFIERS

Stroke = tuple[str, ...]
"""Keys by `KeyboardEvent.code`: the last is pressed while the others are held."""
Way = tuple[Stroke, ...]
"""Strokes one after the other."""

Symbols = tuple[int, ...]
"""Keysyms, in xkbcommon's numbers."""

CAPS_LOCK: Stroke = ("CapsLock",)
_SHIFTS = {"ShiftLeft", "ShiftRight"}
_NOT_EVERYWHERE = {"IntlBackslash", "IntlRo", "IntlYen"}
"""In the layout `us` the first has < as well, which no American keyboard has there."""
_LEVELS = ({0xFFE1, 0xFFE2}, {0xFE03}, {0xFE11})
"""The keysyms that select a level while held: Shift_L and Shift_R, ISO_Level3_Shift, ISO_Level5_Shift.
Source: xkbcommon/xkbcommon-keysyms.h."""
_SELECTING: frozenset[int] = frozenset().union(*_LEVELS)


class NoLayouts(Exception):
    """The system's keyboard layouts are not installed."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"keyboard layouts need the packages libxkbcommon0, xkb-data and libx11-data: {reason}")


class UnknownLayout(ValueError):
    """No layout has that name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"keymap has value {name!r}, expected a layout such as 'us' or 'de(neo)'; GET /api/hid/keymaps lists them"
        )


@dataclass(frozen=True, slots=True)
class Name:
    """A layout as xkeyboard-config names it."""

    layout: str
    variant: str = ""

    def __str__(self) -> str:
        return f"{self.layout}({self.variant})" if self.variant else self.layout


class Keymap(Protocol):
    """What is asked of a layout; `app.hid.xkb` implements it. A symbol is what a key gives: a character, a dead key, a level."""

    def symbols(self, held: Sequence[str], *, caps: bool) -> tuple[tuple[int, ...], dict[str, int]]:
        """What these keys give, going down one after the other, and what each key would then give, 0 for nothing."""

    def caps_after_tap(self, *, caps: bool) -> bool:
        """Whether capitals are locked after the key Caps Lock was pressed and released."""

    def text(self, symbols: Sequence[int]) -> str | None:
        """What these symbols type one after the other; None when more is awaited after the last, nothing when they do not go together."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The ways of all characters, with Caps Lock off and on."""

    off: dict[str, Way]
    on: dict[str, Way]

    def ways(self, *, caps: bool) -> dict[str, Way]:
        """Character to its way."""
        return self.on if caps else self.off


def invert(keymap: Keymap) -> Layout:
    """Find every character's way."""
    off, on = _ways(keymap, caps=False), _ways(keymap, caps=True)
    if keymap.caps_after_tap(caps=False) and not keymap.caps_after_tap(caps=True):
        return Layout(_toggling(on) | off, _toggling(off) | on)
    return Layout(off, on)


def reports(way: Way) -> Iterator[bytes]:
    """The boot keyboard reports that type it and leave nothing pressed: one for each key that goes down, one for all going up."""
    for stroke in way:
        keyboard = Keyboard()
        for code in stroke:
            keyboard.key(code, True)
            yield keyboard.report()
        yield RELEASED


def _toggling(ways: dict[str, Way]) -> dict[str, Way]:
    """What the other state of Caps Lock types: there and back again."""
    return {character: (CAPS_LOCK, *way, CAPS_LOCK) for character, way in ways.items()}


def _ways(keymap: Keymap, *, caps: bool) -> dict[str, Way]:
    """The plainest way of each character while Caps Lock stays as it is."""
    strokes = _strokes(keymap, caps=caps)
    found: dict[str, Way] = {}
    waiting: dict[Stroke, Symbols] = {}
    for stroke, symbols in strokes.items():
        text = keymap.text(symbols)
        if text is None:
            waiting[stroke] = symbols
        else:
            _keep(found, text, (stroke,))
    for (dead, first), (stroke, second) in product(waiting.items(), strokes.items()):
        _keep(found, keymap.text(first + second) or "", (dead, stroke))
    return found


def _keep(found: dict[str, Way], text: str, way: Way) -> None:
    """Keep the way if it types one character that a text may have, and no plainer one is known."""
    text = "\n" if text == "\r" else text
    if len(text) != 1 or (unicodedata.category(text) == "Cc" and text not in "\n\t"):
        return
    if text not in found or _effort(way) < _effort(found[text]):
        found[text] = way


def _effort(way: Way) -> tuple[int, list[tuple[int, bool, int]]]:
    """What to keep low: strokes; levels beyond Shift; keys that not every keyboard, and so not every firmware, has; keys held."""
    return len(way), [
        (sum(code not in _SHIFTS for code in held), key in _NOT_EVERYWHERE, len(held)) for *held, key in way
    ]


def _strokes(keymap: Keymap, *, caps: bool) -> dict[Stroke, Symbols]:
    """The plainest stroke for each symbol, and all that it gives on the way there."""
    found: dict[int, tuple[Stroke, Symbols]] = {}
    for held in _holds(keymap, caps=caps):
        before, now = keymap.symbols(held, caps=caps)
        if any(symbol not in _SELECTING for symbol in before):
            continue  # a key that selects a level may do something else at another: that order is of no use
        for code, symbol in now.items():
            if not symbol or code in held or code in MODIFIERS:
                continue
            stroke = (*held, code)
            if symbol not in found or _effort((stroke,)) < _effort((found[symbol][0],)):
                found[symbol] = stroke, (*before, symbol)
    return dict(found.values())


def _holds(keymap: Keymap, *, caps: bool) -> Iterator[Stroke]:
    """Each choice of levels, in every order."""
    _, alone = keymap.symbols((), caps=caps)
    # Keys that are modifiers to USB as well come first: those are the ones that every system lets hold.
    codes = sorted(alone, key=lambda code: code not in MODIFIERS)
    selecting = [code for symbols in _LEVELS for code in [code for code in codes if alone[code] in symbols][:1]]
    for count in range(len(selecting) + 1):
        yield from permutations(selecting, count)
