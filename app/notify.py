"""Tells systemd how the service is (sd_notify(3)); does nothing when systemd did not start it."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping


def notify(message: str, environment: Mapping[str, str] = os.environ) -> None:
    """Send one message, such as `READY=1`."""
    address = environment.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.connect(address.replace("@", "\0", 1) if address.startswith("@") else address)
            channel.send(message.encode())


async def keep_alive(environment: Mapping[str, str] = os.environ) -> None:
    """Feed the service's watchdog from the event loop, twice per period: a loop that hangs is restarted."""
    period = int(environment.get("WATCHDOG_USEC", "0")) / 1_000_000
    while period:
        notify("WATCHDOG=1", environment)
        await asyncio.sleep(period / 2)
