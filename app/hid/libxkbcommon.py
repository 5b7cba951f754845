"""The functions of libxkbcommon that are used here, with their types.

Source: xkbcommon/xkbcommon.h and xkbcommon/xkbcommon-compose.h of version 1.5; the names there begin with `xkb_`.
"""

from __future__ import annotations

from ctypes import CDLL, POINTER, Structure, c_char_p, c_int, c_size_t, c_uint32, c_void_p
from typing import Any

LIBRARY = "libxkbcommon.so.0"


class Names(Structure):
    """struct xkb_rule_names."""

    _fields_ = [(name, c_char_p) for name in ("rules", "model", "layout", "variant", "options")]


_Handle = c_void_p
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "context_new": (_Handle, [c_int]),
    "context_unref": (None, [_Handle]),
    "context_set_log_level": (None, [_Handle, c_int]),
    "context_include_path_append": (c_int, [_Handle, c_char_p]),
    "keymap_new_from_names": (_Handle, [_Handle, POINTER(Names), c_int]),
    "keymap_unref": (None, [_Handle]),
    "keymap_key_by_name": (c_uint32, [_Handle, c_char_p]),
    "state_new": (_Handle, [_Handle]),
    "state_unref": (None, [_Handle]),
    "state_update_mask": (c_int, [_Handle] + [c_uint32] * 6),
    "state_update_key": (c_int, [_Handle, c_uint32, c_int]),
    "state_key_get_one_sym": (c_uint32, [_Handle, c_uint32]),
    "state_serialize_mods": (c_uint32, [_Handle, c_int]),
    "keysym_to_utf32": (c_uint32, [c_uint32]),
    "compose_table_new_from_buffer": (_Handle, [_Handle, c_char_p, c_size_t, c_char_p, c_int, c_int]),
    "compose_table_unref": (None, [_Handle]),
    "compose_state_new": (_Handle, [_Handle, c_int]),
    "compose_state_unref": (None, [_Handle]),
    "compose_state_reset": (None, [_Handle]),
    "compose_state_feed": (c_int, [_Handle, c_uint32]),
    "compose_state_get_status": (c_int, [_Handle]),
    "compose_state_get_utf8": (c_int, [_Handle, c_char_p, c_size_t]),
}


def load() -> CDLL:
    """The library. Raises OSError when it is not installed."""
    library = CDLL(LIBRARY)
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, f"xkb_{name}")
        function.restype, function.argtypes = result, arguments
    return library
