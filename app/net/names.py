"""The device's name in its own network: avahi publishes it, and what can be had there. Source: avahi's D-Bus interface, 0.8.

What is shown is the name that avahi really got, which after a conflict is another one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from app.bus import Bus
from app.identity import is_hostname
from app.net.dbus import Announcement, Conversation, Place, attend
from app.net.errors import NetError, NoService

NAME: Final = "org.freedesktop.Avahi"
_SERVER: Final = Place(NAME, "/", f"{NAME}.Server")
_ANY = -1
"""Every interface, IPv4 and IPv6."""
_RUNNING, _COLLISION = 2, 3
"""AvahiServerState, AvahiEntryGroupState."""


class Names:
    """One loop, which survives avahi.

    Args:
        bus: who is told.
        serial: of the board; empty where there is none.
        file: what the system is called from its next start on.
    """

    def __init__(self, bus: Bus, serial: str, file: Path) -> None:
        self._bus = bus
        self._serial = serial
        self._file = file
        self._avahi: Conversation | None = None
        self.on_lost: Callable[[], None] = lambda: None
        """Told when avahi has gone: it comes back under the system's name."""

    async def call(self, name: str) -> None:
        """The device is called so, until it is told otherwise. Raises NoService, NotDone."""
        if self._avahi is None:
            raise NoService("the device's name is not published")
        await self._avahi.call(_SERVER, "SetHostName", "s", name)

    async def run(self) -> None:
        """Until cancelled."""
        await attend(self._attend, self._lost)

    def _lost(self, _error: NetError) -> None:
        self._avahi = None
        self.on_lost()
        self._publish("")

    async def _attend(self, conversation: Conversation) -> None:
        changed = asyncio.Event()
        collided: set[str] = set()

        def heard(news: Announcement) -> None:
            if news.interface == f"{NAME}.EntryGroup" and news.body[0] == _COLLISION:
                collided.add(news.path)
            changed.set()

        await conversation.listen(NAME, heard)
        await self._take_up(conversation)
        (group,) = await conversation.call(_SERVER, "EntryGroupNew")
        services, offered, title = Place(NAME, group, f"{NAME}.EntryGroup"), "", ""
        while True:
            changed.clear()
            (state,) = await conversation.call(_SERVER, "GetState")
            host = str((await conversation.call(_SERVER, "GetHostNameFqdn"))[0]) if state == _RUNNING else ""
            if host and (host != offered or group in collided):
                collided.clear()
                if host != offered:  # what was offered points at the host's name of then
                    offered, title = host, host.removesuffix(".local")
                else:  # of another device's name ours is made different by a number, which stays
                    (title,) = await conversation.call(_SERVER, "GetAlternativeServiceName", "s", title)
                await self._offer(conversation, services, title)
            self._publish(host)
            await changed.wait()

    async def _take_up(self, avahi: Conversation) -> None:
        """The name that was kept last, in place of the system's, which is older, or of one that was tried by a daemon of before."""
        now = str((await avahi.call(_SERVER, "GetHostName"))[0])
        kept = self._file.read_text("utf-8").strip() if self._file.is_file() else ""
        if is_hostname(kept) and not re.fullmatch(rf"{re.escape(kept)}(-\d+)?", now, re.IGNORECASE):
            await avahi.call(_SERVER, "SetHostName", "s", kept)
        self._avahi = avahi

    async def _offer(self, conversation: Conversation, services: Place, title: str) -> None:
        """The page, and PiKVM's kind of it with the keys that PiKVM's clients read (kvmd-bootconfig)."""
        facts = {
            "path": "/", "protocol": "https", "description": "inkvm", "model": "inkvm", "video": "hdmi", "board": "zero2w",
            "base": "usb", "serial": self._serial, "platform": "inkvm",
        }  # fmt: skip
        text = [f"{key}={value}".encode() for key, value in facts.items()]
        await conversation.call(services, "Reset")
        for kind, keys in (("_https._tcp", [b"path=/"]), ("_pikvm._tcp", text)):
            port = self._bus.device.network.port
            service = (_ANY, _ANY, 0, title, kind, "", "", port, keys)
            await conversation.call(services, "AddService", "iiussssqaay", *service)
        await conversation.call(services, "Commit")

    def _publish(self, name: str) -> None:
        self._bus.publish(replace(self._bus.device.network, name=name))
