"""`KeyboardEvent.code` to HID usage IDs.

Sources: W3C UI Events KeyboardEvent code Values; USB HID Usage Tables 1.5, chapters 4 (system control), 10 (keyboard) and
15 (consumer). A code names a physical place on the keyboard, and so does a usage: no layout is involved here.
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
    **_run(0x63, "NumpadDecimal IntlBackslash ContextMenu"),
    "NumpadEqual": 0x67,
    **{f"F{number}": 0x68 + number - 13 for number in range(13, 25)},
    **_run(0x74, "Open Help Props Select"),
    **_run(0x79, "Again Undo Cut Copy Paste Find"),
    "NumpadComma": 0x85,
    **_run(0x87, "IntlRo KanaMode IntlYen Convert NonConvert"),
    **_run(0x90, "Lang1 Lang2 Lang3 Lang4 Lang5"),
    **_run(0xB6, "NumpadParenLeft NumpadParenRight"),
}
"""Code to usage ID on the keyboard page, modifiers aside.

The page has power and volume as well, which Windows does not take from there: they are below.
"""

SYSTEM: dict[str, int] = {"Power": 0x81, "Sleep": 0x82, "WakeUp": 0x83}
"""Code to usage ID on the generic desktop page: what a target's power management listens to."""

CONSUMER: dict[str, int] = {
    **_run(0x6F, "BrightnessUp BrightnessDown"),
    **_run(0xB0, "MediaPlay MediaPause MediaRecord MediaFastForward MediaRewind MediaTrackNext MediaTrackPrevious"),
    **_run(0xB7, "MediaStop Eject"),
    "MediaPlayPause": 0xCD,
    "AudioVolumeMute": 0xE2,
    **_run(0xE9, "AudioVolumeUp AudioVolumeDown"),
    "MediaSelect": 0x183,
    "LaunchMail": 0x18A,
    "LaunchApp2": 0x192,
    "LaunchApp1": 0x194,
    "BrowserSearch": 0x221,
    **_run(0x223, "BrowserHome BrowserBack BrowserForward BrowserStop BrowserRefresh"),
    "BrowserFavorites": 0x22A,
}
"""Code to usage ID on the consumer page. LaunchApp1 is the file manager and LaunchApp2 the calculator."""


def known(code: str) -> bool:
    """Whether a code names a key that can be pressed."""
    return any(code in table for table in (KEYS, MODIFIERS, CONSUMER, SYSTEM))


class UnknownKey(ValueError):
    """The code names no key of a USB keyboard."""

    def __init__(self, code: str) -> None:
        super().__init__(f"key has value {code[:80]!r}, expected a KeyboardEvent.code such as 'KeyA' or 'ShiftLeft'")
