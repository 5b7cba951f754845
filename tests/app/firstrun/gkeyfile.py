"""GLib's own key file parser, with which NetworkManager reads its connections."""

from __future__ import annotations

import ctypes


class KeyFile:
    """A keyfile as GLib understands it; raises ValueError where GLib does not."""

    def __init__(self, content: bytes) -> None:
        self._glib = glib = ctypes.CDLL("libglib-2.0.so.0")
        glib.g_key_file_new.restype = ctypes.c_void_p
        for name in ("get_groups", "get_keys", "get_string"):
            getattr(glib, f"g_key_file_{name}").restype = ctypes.c_void_p
        self._file = ctypes.c_void_p(glib.g_key_file_new())
        if not glib.g_key_file_load_from_data(self._file, content, ctypes.c_size_t(len(content)), 0, None):
            raise ValueError(content)

    def _list(self, found: int) -> list[str]:
        names = ctypes.cast(found, ctypes.POINTER(ctypes.c_char_p))
        listed, at = [], 0
        while names[at] is not None:
            listed.append(names[at].decode())
            at += 1
        self._glib.g_strfreev(ctypes.c_void_p(found))
        return listed

    def content(self) -> dict[str, dict[str, str]]:
        """Every value of every group, as a string with its escapes resolved."""
        groups = self._list(self._glib.g_key_file_get_groups(self._file, None))
        return {group: {key: self._value(group, key) for key in self._keys(group)} for group in groups}

    def _keys(self, group: str) -> list[str]:
        return self._list(self._glib.g_key_file_get_keys(self._file, group.encode(), None, None))

    def _value(self, group: str, key: str) -> str:
        found = self._glib.g_key_file_get_string(self._file, group.encode(), key.encode(), None)
        if not found:
            raise ValueError(f"{group}.{key}")
        value = ctypes.string_at(found).decode()
        self._glib.g_free(ctypes.c_void_p(found))
        return value
