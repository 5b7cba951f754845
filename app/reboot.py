"""Asks root for a reboot, rarely: a part that only a reboot frees must not keep the device from working for long.

The daemon may not reboot; a path unit of systemd watches for the request's file. That there was one is remembered on the card,
by boot and time since it: the device has no clock of its own that could be trusted.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app import durable

INTERVAL: Final = 3600.0
"""Seconds between two reboots at least."""


class Reboot:
    """Requests for one.

    Args:
        state: the folder that outlasts a reboot.
        runtime: the folder where the path unit looks, gone with the reboot.
        boot: identifies this boot.
        uptime: seconds since it, sleep included.
    """

    def __init__(
        self,
        state: Path,
        runtime: Path,
        boot: Callable[[], str] = lambda: Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
        uptime: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
    ) -> None:
        self._record = state / "reboot.json"
        self._request = runtime / "reboot-request"
        self._boot = boot
        self._uptime = uptime

    def request(self, why: str) -> str:
        """Ask, unless the last time was less than `INTERVAL` ago; in words what the user has to expect."""
        if self._uptime() - self._last() < INTERVAL:
            return "only a reboot helps, and the last was less than an hour ago: cut the power"
        try:
            # Remembered first: better a reboot too few than a device that goes round in circles.
            durable.replace(self._record, json.dumps({"boot": self._boot(), "uptime": self._uptime()}).encode())
            durable.replace(self._request, f"{why}\n".encode())
        except OSError as error:
            return f"only a reboot helps, and it cannot be requested: {error.strerror}: cut the power"
        return "the device reboots"

    def _last(self) -> float:
        """When the last request was, in seconds of this boot's uptime; one of an earlier boot counts as made at its start."""
        try:
            record = json.loads(self._record.read_bytes())
            return float(record["uptime"]) if record["boot"] == self._boot() else 0.0
        except FileNotFoundError:
            return -INTERVAL
        except (OSError, ValueError, KeyError, TypeError):
            return 0.0  # there was one, and nobody knows when
