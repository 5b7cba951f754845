"""A program on the target that reads the keyboard in some layout, with Debian's own binding to libxkbcommon."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from evdev import InputDevice, ecodes
from xkbcommon import xkb

from tests.kernel.guest import target

END = ecodes.KEY_F12
"""Pressed and released when there is no more to read."""
CPU = 0
"""Where who types is to run as well: the reader is then never behind by more than what is on its way."""
_EVENT = struct.Struct("@llHHi")
_DOWN, _UP = xkb.KeyDirection.XKB_KEY_DOWN, xkb.KeyDirection.XKB_KEY_UP
_X11_OFFSET = 8
_CAPS_LOCK = 2
_ENOUGH = 1 << 20
"""Bytes of a pipe that holds the events of a whole text."""


class Reader:
    """Collects from its beginning, and reads what was collected at the end.

    The kernel keeps some twenty reports for a program that is late, so a small program takes them, before all others.
    """

    def __init__(self, device: InputDevice[str]) -> None:
        self._device = device
        os.set_blocking(device.fd, True)
        command = [
            "chrt",
            "--fifo",
            "50",
            "taskset",
            "--cpu-list",
            str(CPU),
            "dd",
            f"bs={64 * _EVENT.size}",
            "status=none",
        ]
        self._collector = subprocess.Popen(command, stdin=device.fd, stdout=subprocess.PIPE)
        assert self._collector.stdout is not None
        self._collected = self._collector.stdout
        fcntl.fcntl(self._collected, fcntl.F_SETPIPE_SZ, _ENOUGH)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._collector.kill()
        self._collector.wait()
        self._collected.close()
        os.set_blocking(self._device.fd, False)

    def text(self, layout: str, *, caps: bool) -> tuple[str, bool]:
        """What was typed before `END`, and whether capitals are locked then."""
        name, _, variant = layout.rstrip(")").partition("(")
        context = xkb.Context()
        state = context.keymap_new_from_names("evdev", "pc105", name, variant).state_new()
        state.update_mask(0, 0, _CAPS_LOCK if caps else 0, 0, 0, 0)
        compose = context.compose_table_new_from_locale("en_US.UTF-8").compose_state_new()
        text, down = "", set()
        for code, pressed in self._keys():
            key = code + _X11_OFFSET
            if pressed:
                text += _typed(state, compose, key)
                down.add(code)
            else:
                down.remove(code)
            state.update_key(key, _DOWN if pressed else _UP)
        assert not down, f"left down: {down}"
        return text, bool(state.led_name_is_active("Caps Lock"))

    def _keys(self) -> Iterator[tuple[int, bool]]:
        """Code and whether it went down, repetition aside."""
        while True:
            assert select.select([self._collected], [], [], target.PATIENCE)[0], "the end does not come"
            read = os.read(self._collected.fileno(), _ENOUGH)
            for _, _, kind, code, value in _EVENT.iter_unpack(read):
                assert (kind, code) != (ecodes.EV_SYN, ecodes.SYN_DROPPED), (
                    "the kernel could not keep all for its reader"
                )
                if kind != ecodes.EV_KEY or value not in (0, 1):
                    continue
                if code != END:
                    yield code, bool(value)
                elif not value:
                    return


def _typed(state: xkb.KeyboardState, compose: xkb.ComposeState, key: int) -> str:
    """As in a program on X11 or Wayland."""
    result = compose.feed(state.key_get_one_sym(key))
    status = compose.get_status()
    if result == xkb.ComposeFeedResult.XKB_COMPOSE_FEED_IGNORED or status == xkb.ComposeStatus.XKB_COMPOSE_NOTHING:
        return str(state.key_get_string(key)).replace("\r", "\n")
    return str(compose.get_utf8()) if status == xkb.ComposeStatus.XKB_COMPOSE_COMPOSED else ""
