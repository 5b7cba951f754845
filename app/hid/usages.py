"""`KeyboardEvent.code` to the usage IDs of the HID keyboard page.

Sources: W3C UI Events KeyboardEvent code Values; USB HID Usage Tables 1.5, chapter 10. A code names a physical place on
the keyboard, and so does a usage: no layout is involved here.
"""

from __future__ import annotations

import string

MODIFIERS: dict[str, int] = {
    name: 1 << bit
    for bit, name in enumerate(
        ("ControlLeft", "ShiftLeft", "AltLeft", "MetaLeft", "ControlRight", "ShiftRight", "AltRight", "MetaRight")
    )
}
"""Code to its bit in the first byte of a boot keyboard report."""


def _run(first: int, codes: str) -> dict[str, int]:
    """Codes that stand on consecutive usages."""
    return {code: first + place for place, code in enumerate(codes.split())}


KEYS: dict[str, int] = {
    **{f"Key{letter}": 0x04 + place for place, letter in enumerate(string.ascii_uppercase)},
    **{f"Digit{digit}": 0x1E + place for place, digit in enumerate("1234567890")},
    **_run(0x28, "Enter Escape Backspace Tab Space Minus Equal BracketLeft BracketRight Backslash"),
    **_run(0x33, "Semicolon Quote Backquote Comma Period Slash CapsLock"),
    **{f"F{number}": 0x39 + number for number in range(1, 13)},
    **_run(0x46, "PrintScreen ScrollLock Pause Insert Home PageUp Delete End PageDown"),
    **_run(0x4F, "ArrowRight ArrowLeft ArrowDown ArrowUp NumLock"),
    **_run(0x54, "NumpadDivide NumpadMultiply NumpadSubtract NumpadAdd NumpadEnter"),
    **{f"Numpad{digit}": 0x59 + place for place, digit in enumerate("1234567890")},
    **_run(0x63, "NumpadDecimal IntlBackslash ContextMenu Power NumpadEqual"),
    **{f"F{number}": 0x68 + number - 13 for number in range(13, 25)},
    **_run(0x74, "Open Help Props Select"),
    **_run(0x79, "Again Undo Cut Copy Paste Find AudioVolumeMute AudioVolumeUp AudioVolumeDown"),
    "NumpadComma": 0x85,
    **_run(0x87, "IntlRo KanaMode IntlYen Convert NonConvert"),
    **_run(0x90, "Lang1 Lang2 Lang3 Lang4 Lang5"),
}
"""Code to usage ID, modifiers aside."""


class UnknownKey(ValueError):
    """The code names no key of a USB keyboard."""

    def __init__(self, code: str) -> None:
        super().__init__(f"key has value {code!r}, expected a KeyboardEvent.code such as 'KeyA' or 'ShiftLeft'")
