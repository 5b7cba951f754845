"""Every key and button of the tables, through the real f_hid and usbhid, as the key code that the host makes of it."""

from __future__ import annotations

import itertools
import select
import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from evdev import InputDevice, ecodes

from app.hid import mouse, usages
from app.hid.hidg import HidgPort
from app.hid.keyboard import Keyboard
from app.hid.media import Consumer, System
from app.hid.mouse import Mouse, Pointer
from tests.kernel.guest import target

KEYBOARD = {
    **{f"Key{letter}": letter for letter in string.ascii_uppercase},
    **{f"Digit{digit}": digit for digit in string.digits},
    **{f"Numpad{digit}": f"KP{digit}" for digit in string.digits},
    **{f"F{number}": f"F{number}" for number in range(1, 25)},
    **{f"Arrow{way}": way.upper() for way in ("Left", "Right", "Up", "Down")},
    "Enter": "ENTER", "Escape": "ESC", "Backspace": "BACKSPACE", "Tab": "TAB", "Space": "SPACE", "Minus": "MINUS",
    "Equal": "EQUAL", "BracketLeft": "LEFTBRACE", "BracketRight": "RIGHTBRACE", "Backslash": "BACKSLASH",
    "Semicolon": "SEMICOLON", "Quote": "APOSTROPHE", "Backquote": "GRAVE", "Comma": "COMMA", "Period": "DOT",
    "Slash": "SLASH", "CapsLock": "CAPSLOCK", "PrintScreen": "SYSRQ", "ScrollLock": "SCROLLLOCK", "Pause": "PAUSE",
    "Insert": "INSERT", "Home": "HOME", "PageUp": "PAGEUP", "Delete": "DELETE", "End": "END", "PageDown": "PAGEDOWN",
    "NumLock": "NUMLOCK", "NumpadDivide": "KPSLASH", "NumpadMultiply": "KPASTERISK", "NumpadSubtract": "KPMINUS",
    "NumpadAdd": "KPPLUS", "NumpadEnter": "KPENTER", "NumpadDecimal": "KPDOT", "IntlBackslash": "102ND",
    "ContextMenu": "COMPOSE", "NumpadEqual": "KPEQUAL", "Open": "OPEN", "Help": "HELP", "Props": "PROPS",
    "Select": "FRONT", "Again": "AGAIN", "Undo": "UNDO", "Cut": "CUT", "Copy": "COPY", "Paste": "PASTE", "Find": "FIND",
    "NumpadComma": "KPCOMMA", "IntlRo": "RO", "KanaMode": "KATAKANAHIRAGANA", "IntlYen": "YEN", "Convert": "HENKAN",
    "NonConvert": "MUHENKAN", "Lang1": "HANGEUL", "Lang2": "HANJA", "Lang3": "KATAKANA", "Lang4": "HIRAGANA",
    "Lang5": "ZENKAKUHANKAKU", "NumpadParenLeft": "KPLEFTPAREN", "NumpadParenRight": "KPRIGHTPAREN",
}  # fmt: skip
MODIFIERS = {
    f"{name}{side}": f"{side.upper()}{key}"
    for name, key in (("Control", "CTRL"), ("Shift", "SHIFT"), ("Alt", "ALT"), ("Meta", "META"))
    for side in ("Left", "Right")
}
CONSUMER = {
    "BrightnessUp": "BRIGHTNESSUP", "BrightnessDown": "BRIGHTNESSDOWN", "MediaPlay": "PLAY", "MediaPause": "PAUSE",
    "MediaRecord": "RECORD", "MediaFastForward": "FASTFORWARD", "MediaRewind": "REWIND", "MediaTrackNext": "NEXTSONG",
    "MediaTrackPrevious": "PREVIOUSSONG", "MediaStop": "STOPCD", "Eject": "EJECTCD", "MediaPlayPause": "PLAYPAUSE",
    "AudioVolumeMute": "MUTE", "AudioVolumeUp": "VOLUMEUP", "AudioVolumeDown": "VOLUMEDOWN", "MediaSelect": "CONFIG",
    "LaunchMail": "MAIL", "LaunchApp2": "CALC", "LaunchApp1": "FILE", "BrowserSearch": "SEARCH",
    "BrowserHome": "HOMEPAGE", "BrowserBack": "BACK", "BrowserForward": "FORWARD", "BrowserStop": "STOP",
    "BrowserRefresh": "REFRESH", "BrowserFavorites": "BOOKMARKS",
}  # fmt: skip
SYSTEM = {"Power": "POWER", "Sleep": "SLEEP", "WakeUp": "WAKEUP"}
BUTTONS = {"left": "LEFT", "right": "RIGHT", "middle": "MIDDLE", "down": "SIDE", "up": "EXTRA"}
"""Back and forward have the names of their places."""


def _code(name: str) -> int:
    return int(ecodes.ecodes[f"KEY_{name}"])


def _write(port: HidgPort, report: bytes) -> None:
    """As soon as the report before has gone."""
    poller = select.poll()
    poller.register(port.fileno(), select.POLLOUT)
    assert poller.poll(target.PATIENCE * 1000)
    port.write(report)


def _edges(host: InputDevice[str], count: int) -> list[tuple[int, int]]:
    """The next keys and buttons; the pointer's place, which the host hears of with the first, is none."""
    seen: list[tuple[int, int]] = []
    while len(seen) < count:
        seen += [(code, value) for kind, code, value in target.events(host, 1) if kind == ecodes.EV_KEY]
    return seen


class Wire:
    """A device's state, its node, and what the host makes of it."""

    def __init__(self, keys: Keyboard | Consumer | System, port: HidgPort, host: InputDevice[str]) -> None:
        self._keys = keys
        self._port = port
        self._host = host

    def turn(self, code: str, pressed: bool) -> None:
        """One edge."""
        report = self._keys.key(code, pressed)
        assert report is not None, code
        _write(self._port, report)

    def edges(self, count: int) -> list[tuple[int, int]]:
        """The next edges at the host."""
        return _edges(self._host, count)

    def down(self) -> set[int]:
        """What the host takes for pressed."""
        return set(self._host.active_keys())


@contextmanager
def _wire(folder: Path, keys: Keyboard | Consumer | System, function: str, name: str = "") -> Iterator[Wire]:
    port = HidgPort(f"hid.{function}", folder)
    interface = target.KEYBOARD if function == "keyboard" else target.MEDIA
    with target.opened(interface, name) as host:
        yield Wire(keys, port, host)
    port.close()


TABLES = {
    "keys": (Keyboard, "keyboard", "", usages.KEYS, KEYBOARD),
    "modifiers": (Keyboard, "keyboard", "", usages.MODIFIERS, MODIFIERS),
    "consumer": (Consumer, "media", "Consumer Control", usages.CONSUMER, CONSUMER),
    "system": (System, "media", "System Control", usages.SYSTEM, SYSTEM),
}


@pytest.mark.parametrize("which", TABLES)
def test_every_key_arrives_as_itself(folder: Path, which: str) -> None:
    device, function, name, table, named = TABLES[which]
    assert table.keys() == named.keys()
    with _wire(folder, device(), function, name) as wire:
        for code in table:
            key = _code(named[code])
            wire.turn(code, True)
            wire.turn(code, False)
            assert (code, wire.edges(2)) == (code, [(key, 1), (key, 0)])
        assert wire.down() == set()


@pytest.mark.parametrize(
    ("device", "function", "interface"), [(Pointer, "pointer", target.POINTER), (Mouse, "mouse", target.MOUSE)]
)
def test_every_button_arrives_as_itself(
    folder: Path, device: type[Pointer | Mouse], function: str, interface: int
) -> None:
    assert mouse.BUTTONS.keys() == BUTTONS.keys()
    hand, port = device(), HidgPort(f"hid.{function}", folder)
    with target.opened(interface) as host:
        for name in mouse.BUTTONS:
            button = int(ecodes.ecodes[f"BTN_{BUTTONS[name]}"])
            for pressed in (True, False):
                _write(port, hand.button(name, pressed))
            assert (name, _edges(host, 2)) == (name, [(button, 1), (button, 0)])
        assert host.active_keys() == []
    port.close()


def test_every_chord_of_the_eight_modifiers_arrives(folder: Path) -> None:
    chords = [chord for size in range(9) for chord in itertools.combinations(MODIFIERS, size)]
    assert len(chords) == 256
    with _wire(folder, Keyboard(), "keyboard") as wire:
        for chord in chords:
            codes = [*chord, "Delete"]
            for code in codes:
                wire.turn(code, True)
            wanted = {_code(MODIFIERS.get(code, "DELETE")) for code in codes}
            assert {key for key, _value in wire.edges(len(codes))} == wanted == wire.down()
            for code in reversed(codes):
                wire.turn(code, False)
            assert {value for _key, value in wire.edges(len(codes))} == {0}
            assert wire.down() == set()


def test_seven_keys_at_once_and_back(folder: Path) -> None:
    six = [f"Key{letter}" for letter in "ABCDEF"]
    held = {_code(letter) for letter in "ABCDEF"}
    with _wire(folder, Keyboard(), "keyboard") as wire:
        for code in [*six, "KeyG", "ControlLeft"]:
            wire.turn(code, True)
        # The host leaves the keys as they are while it is told of too many, and takes the modifier.
        assert wire.edges(7)[-1] == (ecodes.KEY_LEFTCTRL, 1)
        assert wire.down() == held | {ecodes.KEY_LEFTCTRL}
        wire.turn("KeyC", False)
        assert sorted(wire.edges(2)) == sorted([(ecodes.KEY_C, 0), (ecodes.KEY_G, 1)])
        assert wire.down() == held - {ecodes.KEY_C} | {ecodes.KEY_G, ecodes.KEY_LEFTCTRL}
        for code in ["ControlLeft", "KeyG", *six[3:], *six[:2]]:
            wire.turn(code, False)
        assert {value for _key, value in wire.edges(7)} == {0}
        assert wire.down() == set()


def test_consumer_and_system_keys_are_held_side_by_side(folder: Path) -> None:
    media = [("AudioVolumeUp", ecodes.KEY_VOLUMEUP), ("MediaPlayPause", ecodes.KEY_PLAYPAUSE)]
    with (
        _wire(folder, Consumer(), "media", "Consumer Control") as wire,
        _wire(folder, System(), "media", "System Control") as power,
    ):
        for code, _key in media:
            wire.turn(code, True)
        power.turn("Sleep", True)
        assert power.edges(1) == [(ecodes.KEY_SLEEP, 1)]
        assert wire.edges(2) == [(key, 1) for _code, key in media]
        wire.turn("AudioVolumeUp", False)
        assert wire.edges(1) == [(ecodes.KEY_VOLUMEUP, 0)]
        assert (wire.down(), power.down()) == ({ecodes.KEY_PLAYPAUSE}, {ecodes.KEY_SLEEP})
        power.turn("Sleep", False)
        assert power.edges(1) == [(ecodes.KEY_SLEEP, 0)]
        assert wire.down() == {ecodes.KEY_PLAYPAUSE}
        wire.turn("MediaPlayPause", False)
        assert wire.edges(1) == [(ecodes.KEY_PLAYPAUSE, 0)]
