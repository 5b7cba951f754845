"""Keyboard layouts as the target's system has them: libxkbcommon, asked through its C interface.

Sources: xkbcommon/xkbcommon.h and xkbcommon/xkbcommon-compose.h of libxkbcommon 1.5. What it reads comes from the packages
xkb-data (layouts) and libx11-data (what dead keys make of the character after them, in most systems' locale).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from ctypes import create_string_buffer
from pathlib import Path

from app.hid import libxkbcommon
from app.hid.layouts import Name, NoLayouts, UnknownLayout

LAYOUTS = Path("/usr/share/X11/xkb")
COMPOSE = Path("/usr/share/X11/locale/en_US.UTF-8/Compose")

_LOCALE = b"en_US.UTF-8"
_LONGEST = 64
"""Bytes of the longest text that one composition makes, and its end."""

# Values of the header's enumerations.
_ONLY_OURS = 1 | 2  # XKB_CONTEXT_NO_DEFAULT_INCLUDES, XKB_CONTEXT_NO_ENVIRONMENT_NAMES
_CRITICAL = 10  # XKB_LOG_LEVEL_CRITICAL
_NO_KEY = 0xFFFFFFFF  # XKB_KEYCODE_INVALID
_UP, _DOWN = 0, 1
_LOCKED = 4  # XKB_STATE_MODS_LOCKED
_LOCK = 1 << 1  # the second of the eight real modifiers
_COMPOSE_TEXT_V1 = 1
_NOTHING, _WAITS, _COMPOSED = 0, 1, 2  # XKB_COMPOSE_NOTHING, _COMPOSING, _COMPOSED


def _row(name: str, codes: str) -> dict[str, bytes]:
    return {code: f"{name}{place:02}".encode() for place, code in enumerate(codes.split(), 1)}


KEYS: dict[str, bytes] = {
    "Space": b"SPCE",
    **_row("AE", "Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal IntlYen"),
    **_row("AD", "KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight"),
    **_row("AC", "KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote"),
    **_row("AB", "KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash IntlRo"),
    "Enter": b"RTRN", "Tab": b"TAB", "Backquote": b"TLDE", "Backslash": b"BKSL", "IntlBackslash": b"LSGT",
    "CapsLock": b"CAPS",
    "ShiftLeft": b"LFSH", "ShiftRight": b"RTSH", "ControlLeft": b"LCTL", "ControlRight": b"RCTL",
    "AltLeft": b"LALT", "AltRight": b"RALT", "MetaLeft": b"LWIN", "MetaRight": b"RWIN", "ContextMenu": b"COMP",
}  # fmt: skip
"""`KeyboardEvent.code` to XKB's name for the same place, by row and column. Source: xkb-data, keycodes/evdev.

The order is that of preference: after a dead key, Space gives its accent on every system, a second dead key only on some."""


class XkbKeymap:
    """Implements `app.hid.layouts.Keymap` for one layout. To be closed after use.

    Raises:
        NoLayouts: the library or its data is not installed.
        UnknownLayout: there is no such layout or variant.
    """

    def __init__(self, name: Name, layouts: Path = LAYOUTS, compose: Path = COMPOSE) -> None:
        try:
            self._xkb = libxkbcommon.load()
            dead_keys = compose.read_bytes()
        except OSError as error:
            raise NoLayouts(str(error)) from error
        names = libxkbcommon.Names(b"evdev", b"pc105", name.layout.encode(), name.variant.encode(), b"")
        with ExitStack() as owned:
            context = self._own(owned, "context", self._xkb.xkb_context_new(_ONLY_OURS))
            self._xkb.xkb_context_set_log_level(context, _CRITICAL)
            if not self._xkb.xkb_context_include_path_append(context, bytes(layouts)):
                raise NoLayouts(f"no folder {layouts}")
            keymap = self._xkb.xkb_keymap_new_from_names(context, names, 0)
            if not keymap:
                raise UnknownLayout(str(name))
            self._own(owned, "keymap", keymap)
            self._state = self._own(owned, "state", self._xkb.xkb_state_new(keymap))
            table = self._xkb.xkb_compose_table_new_from_buffer(
                context, dead_keys, len(dead_keys), _LOCALE, _COMPOSE_TEXT_V1, 0
            )
            self._own(owned, "compose_table", table)
            self._composing = self._own(owned, "compose_state", self._xkb.xkb_compose_state_new(table, 0))
            keys = {code: self._xkb.xkb_keymap_key_by_name(keymap, key) for code, key in KEYS.items()}
            self._owned = owned.pop_all()
        self._keys = {code: key for code, key in keys.items() if key != _NO_KEY}
        self._text = create_string_buffer(_LONGEST)

    def _own(self, owned: ExitStack, kind: str, handle: int | None) -> int:
        if not handle:
            raise NoLayouts(f"libxkbcommon makes no {kind}")
        owned.callback(getattr(self._xkb, f"xkb_{kind}_unref"), handle)
        return handle

    def close(self) -> None:
        """Give everything back."""
        self._owned.close()

    def symbols(self, held: Sequence[str], *, caps: bool) -> tuple[tuple[int, ...], dict[str, int]]:
        """What these keys give, going down one after the other, and what each key would then give, 0 for nothing."""
        self._reset(caps=caps)
        before = []
        for code in held:
            before.append(self._xkb.xkb_state_key_get_one_sym(self._state, self._keys[code]))
            self._xkb.xkb_state_update_key(self._state, self._keys[code], _DOWN)
        now = {code: self._xkb.xkb_state_key_get_one_sym(self._state, key) for code, key in self._keys.items()}
        for code in held:
            self._xkb.xkb_state_update_key(self._state, self._keys[code], _UP)
        return tuple(before), now

    def caps_after_tap(self, *, caps: bool) -> bool:
        """Whether capitals are locked after the key Caps Lock was pressed and released."""
        self._reset(caps=caps)
        for direction in (_DOWN, _UP):
            self._xkb.xkb_state_update_key(self._state, self._keys["CapsLock"], direction)
        return bool(self._xkb.xkb_state_serialize_mods(self._state, _LOCKED) & _LOCK)

    def text(self, symbols: Sequence[int]) -> str | None:
        """What these symbols type one after the other; None when more is awaited after the last, nothing when they do not go together."""
        typed = ""
        status = 0
        self._xkb.xkb_compose_state_reset(self._composing)
        for symbol in symbols:
            if not self._xkb.xkb_compose_state_feed(self._composing, symbol):
                continue  # a modifier
            status = self._xkb.xkb_compose_state_get_status(self._composing)
            if status == _COMPOSED:
                self._xkb.xkb_compose_state_get_utf8(self._composing, self._text, _LONGEST)
                typed += self._text.value.decode()
            elif status == _NOTHING:
                typed += chr(self._xkb.xkb_keysym_to_utf32(symbol)).strip("\0")
        return None if status == _WAITS else typed

    def _reset(self, *, caps: bool) -> None:
        self._xkb.xkb_state_update_mask(self._state, 0, 0, _LOCK if caps else 0, 0, 0, 0)
