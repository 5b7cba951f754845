from __future__ import annotations

import pytest

from app.hid.keyboard import RELEASED, Keyboard, leds
from app.hid.usages import KEYS, MODIFIERS, UnknownKey


def test_press_and_release() -> None:
    keyboard = Keyboard()
    assert keyboard.key("KeyA", True) == bytes([0, 0, 0x04, 0, 0, 0, 0, 0])
    assert keyboard.key("ShiftRight", True) == bytes([0x20, 0, 0x04, 0, 0, 0, 0, 0])
    assert keyboard.key("KeyA", False) == bytes([0x20, 0, 0, 0, 0, 0, 0, 0])
    assert keyboard.key("ShiftRight", False) == RELEASED


def test_what_changes_nothing_sends_nothing() -> None:
    keyboard = Keyboard()
    assert keyboard.key("KeyA", False) is None
    keyboard.key("KeyA", True)
    assert keyboard.key("KeyA", True) is None


def test_seven_keys_roll_over_and_recover() -> None:
    keyboard = Keyboard()
    for code in ("KeyA", "KeyB", "KeyC", "KeyD", "KeyE", "KeyF"):
        keyboard.key(code, True)
    assert keyboard.key("KeyG", True) == bytes([0, 0, 1, 1, 1, 1, 1, 1])
    assert keyboard.key("ControlLeft", True) == bytes([1, 0, 1, 1, 1, 1, 1, 1])
    assert keyboard.key("KeyA", False) == bytes([1, 0, 5, 6, 7, 8, 9, 10])


def test_release_lets_go_of_everything() -> None:
    keyboard = Keyboard()
    for code in ("AltRight", "KeyA", "KeyB"):
        keyboard.key(code, True)
    keyboard.release()
    assert keyboard.report() == RELEASED


def test_an_unknown_key_is_named_and_changes_nothing() -> None:
    keyboard = Keyboard()
    with pytest.raises(UnknownKey, match="key has value 'Kea', expected a KeyboardEvent.code"):
        keyboard.key("Kea", True)
    assert keyboard.report() == RELEASED


@pytest.mark.parametrize(
    ("code", "usage"),
    [("KeyZ", 0x1D), ("Digit0", 0x27), ("Enter", 0x28), ("Backslash", 0x31), ("Slash", 0x38), ("CapsLock", 0x39),
     ("F12", 0x45), ("PageDown", 0x4E), ("NumLock", 0x53), ("NumpadEnter", 0x58), ("Numpad0", 0x62),
     ("IntlBackslash", 0x64), ("NumpadEqual", 0x67), ("F13", 0x68), ("F24", 0x73), ("Find", 0x7E),
     ("IntlRo", 0x87), ("NonConvert", 0x8B), ("Lang5", 0x94)],
)  # fmt: skip
def test_usages_are_those_of_the_hid_tables(code: str, usage: int) -> None:
    assert KEYS[code] == usage


def test_no_usage_has_two_keys() -> None:
    assert len(set(KEYS.values())) == len(KEYS)
    assert sum(MODIFIERS.values()) == 0xFF


def test_leds_by_name() -> None:
    assert leds(b"\x00") == ()
    assert leds(b"\x03") == ("num", "caps")
    assert leds(b"\x1f") == ("num", "caps", "scroll", "compose", "kana")
    assert leds(b"") == ()
