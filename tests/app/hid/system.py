"""The target's operating system: boot keyboard reports in, text out, with a binding to libxkbcommon of its own.

Nothing of the appliance is used: usages become key codes by the kernel's table, key codes become text as in a program on X11 or Wayland.
"""

from __future__ import annotations

from collections.abc import Iterable
from ctypes import CDLL, c_char_p, c_int, c_size_t, c_uint32, c_void_p, create_string_buffer
from pathlib import Path
from typing import Any

COMPOSE = Path("/usr/share/X11/locale/en_US.UTF-8/Compose")

# Source: hid_keyboard in drivers/hid/hid-input.c; 0 where no key of ours is.
_KEY_CODES = {
    usage: code
    for first, codes in (
        (
            0x04,
            (30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44),
        ),
        (0x1E, (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 28, 1, 14, 15, 57, 12, 13, 26, 27, 43, 43, 39, 40, 41, 51, 52, 53, 58)),
        (0x64, (86, 127)),
        (0x87, (89, 93, 124)),
        (0xE0, (29, 42, 56, 125, 97, 54, 100, 126)),
    )
    for usage, code in enumerate(codes, first)
}
_X11_OFFSET = 8
_CAPS_LED = b"Caps Lock"
_COMPOSING, _COMPOSED, _CANCELLED = 1, 2, 3
_POINTERS = {
    "xkb_context_new": [c_int],
    "xkb_keymap_new_from_names": [c_void_p, c_char_p * 5, c_int],
    "xkb_state_new": [c_void_p],
    "xkb_compose_table_new_from_buffer": [c_void_p, c_char_p, c_size_t, c_char_p, c_int, c_int],
    "xkb_compose_state_new": [c_void_p, c_int],
}
_NUMBERS = {
    "xkb_state_update_key": [c_void_p, c_uint32, c_int],
    "xkb_state_update_mask": [c_void_p] + [c_uint32] * 6,
    "xkb_state_led_name_is_active": [c_void_p, c_char_p],
    "xkb_state_key_get_one_sym": [c_void_p, c_uint32],
    "xkb_state_key_get_utf8": [c_void_p, c_uint32, c_char_p, c_size_t],
    "xkb_compose_state_feed": [c_void_p, c_uint32],
    "xkb_compose_state_get_status": [c_void_p],
    "xkb_compose_state_get_utf8": [c_void_p, c_char_p, c_size_t],
    "xkb_compose_state_reset": [c_void_p],
    **{f"xkb_{kind}_unref": [c_void_p] for kind in ("context", "keymap", "state", "compose_table", "compose_state")},
}


def _bound() -> Any:
    library = CDLL("libxkbcommon.so.0")
    for result, functions in ((c_void_p, _POINTERS), (c_int, _NUMBERS)):
        for name, arguments in functions.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    return library


class System:
    """One layout, such as `de(neo)`, and the text typed so far."""

    def __init__(self, layout: str, *, caps: bool) -> None:
        name, _, variant = layout.rstrip(")").partition("(")
        names = (c_char_p * 5)(b"evdev", b"pc105", name.encode(), variant.encode(), b"")
        dead_keys = COMPOSE.read_bytes()
        self._xkb = xkb = _bound()
        context = xkb.xkb_context_new(0)
        keymap = xkb.xkb_keymap_new_from_names(context, names, 0)
        assert keymap, f"no layout {layout}"
        table = xkb.xkb_compose_table_new_from_buffer(context, dead_keys, len(dead_keys), b"en_US.UTF-8", 1, 0)
        self._state = xkb.xkb_state_new(keymap)
        self._composing = xkb.xkb_compose_state_new(table, 0)
        self._buffer = create_string_buffer(64)
        xkb.xkb_state_update_mask(self._state, 0, 0, 2 if caps else 0, 0, 0, 0)
        for kind, handle in (("compose_table", table), ("keymap", keymap), ("context", context)):
            getattr(xkb, f"xkb_{kind}_unref")(handle)
        self._down: list[int] = []
        self.text = ""

    def close(self) -> None:
        """Free it."""
        self._xkb.xkb_state_unref(self._state)
        self._xkb.xkb_compose_state_unref(self._composing)

    @property
    def caps(self) -> bool:
        """Whether the light of Caps Lock is lit."""
        return bool(self._xkb.xkb_state_led_name_is_active(self._state, _CAPS_LED) == 1)

    @property
    def idle(self) -> bool:
        """Whether no key is down and no dead key waits."""
        return not self._down and self._xkb.xkb_compose_state_get_status(self._composing) != _COMPOSING

    def receive(self, reports: Iterable[bytes]) -> None:
        """What hid-input makes of reports: modifiers in the order of their bits, then the keys."""
        for report in reports:
            bits = [0xE0 + bit for bit in range(8) if report[0] >> bit & 1]
            down = [_KEY_CODES[usage] for usage in (*bits, *filter(None, report[2:]))]
            for code in self._down:
                if code not in down:
                    self._xkb.xkb_state_update_key(self._state, code + _X11_OFFSET, 0)
            for code in down:
                if code not in self._down:
                    self.press(code)
            self._down = down

    def press(self, code: int) -> None:
        """A key goes down, by the kernel's code."""
        self.text += self._typed(code + _X11_OFFSET)
        self._xkb.xkb_state_update_key(self._state, code + _X11_OFFSET, 1)

    def _typed(self, key: int) -> str:
        symbol = self._xkb.xkb_state_key_get_one_sym(self._state, key)
        accepted = self._xkb.xkb_compose_state_feed(self._composing, symbol)
        status = self._xkb.xkb_compose_state_get_status(self._composing) if accepted else 0
        if status in (_COMPOSING, _CANCELLED):
            return ""
        if status == _COMPOSED:
            self._xkb.xkb_compose_state_get_utf8(self._composing, self._buffer, 64)
            self._xkb.xkb_compose_state_reset(self._composing)
        else:
            self._xkb.xkb_state_key_get_utf8(self._state, key, self._buffer, 64)
        return self._buffer.value.decode().replace("\r", "\n")
