"""What the host hears of a keyboard and a pointer, with the kernel's own times, across disconnects."""

from __future__ import annotations

import fcntl
import select
import struct
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from evdev import InputDevice, ecodes

from tests.kernel.guest import target

MONOTONIC = 0x400445A0
"""EVIOCSCLOCKID of linux/input.h, with which a device tells its times by another clock."""
OTHERS = ((target.MOUSE, ""), (target.MEDIA, "Consumer Control"), (target.MEDIA, "System Control"))
"""Opened so that the host polls them: a report that nobody takes would keep the emulated controller's one buffer."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One key event."""

    time: float
    """CLOCK_MONOTONIC, when the host's driver had it."""
    code: int
    pressed: bool


class Ears(threading.Thread):
    """Listens from `start` to `stop`."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.heard: list[Heard] = []
        self._stopping = threading.Event()
        self._listening = threading.Event()
        self._keyboard: InputDevice[str] | None = None
        self._pointer: InputDevice[str] | None = None

    def run(self) -> None:
        """Listen, and again to the next device when this one is gone."""
        while not self._stopping.is_set():
            with suppress(OSError), ExitStack() as devices:
                self._keyboard = devices.enter_context(target.opened(target.KEYBOARD))
                self._pointer = devices.enter_context(target.opened(target.POINTER))
                for interface, name in OTHERS:
                    devices.enter_context(target.opened(interface, name))
                fcntl.ioctl(self._keyboard.fd, MONOTONIC, struct.pack("i", time.CLOCK_MONOTONIC))
                self._listening.set()
                self._listen(self._keyboard)
            self._listening.clear()

    def stop(self) -> None:
        """Listen no more."""
        self._stopping.set()
        self.join(target.PATIENCE)

    def deaf(self) -> None:
        """The device goes now: what is heard next is of another one."""
        self._listening.clear()

    def ready(self) -> None:
        """Return when they listen."""
        assert self._listening.wait(target.PATIENCE), "the host has no keyboard"

    @property
    def down(self) -> list[int]:
        """The keys that the host's kernel has down now."""
        assert self._keyboard is not None
        return self._keyboard.active_keys()

    @property
    def place(self) -> tuple[int, int]:
        """Where the host's kernel has the pointer now."""
        assert self._pointer is not None
        x, y = (self._pointer.absinfo(axis).value for axis in (ecodes.ABS_X, ecodes.ABS_Y))
        return x, y

    def _listen(self, keyboard: InputDevice[str]) -> None:
        while not self._stopping.is_set():
            if not select.select([keyboard], [], [], 0.1)[0]:
                continue
            for event in keyboard.read():
                if event.type == ecodes.EV_KEY and event.value < 2:
                    self.heard.append(Heard(event.timestamp(), event.code, bool(event.value)))
