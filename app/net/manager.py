"""NetworkManager, over D-Bus: what it sees, and what it is told. Source: its D-Bus interface, 1.52."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final

from app.net.dbus import Announcement, Conversation, Place
from app.net.errors import NotDone
from app.net.observed import FAILED, NAME, Observed, observe
from app.net.profiles import Settings

_ROOT: Final = f"/{NAME.replace('.', '/')}"
_MANAGER: Final = Place(NAME, _ROOT, NAME)
_SETTINGS: Final = Place(NAME, f"{_ROOT}/Settings", f"{NAME}.Settings")
_OBJECTS: Final = Place(NAME, "/org/freedesktop", "org.freedesktop.DBus.ObjectManager")
_TO_DISK, _IN_MEMORY, _VOLATILE = 0x1, 0x2, 0x8
"""NMSettingsUpdate2Flags."""
_DELETE_NEW_CONNECTIONS, _DISCONNECT_NEW_DEVICES, _ALLOW_OVERLAPPING = 0x2, 0x4, 0x8
"""NMCheckpointCreateFlags."""
_SECURITY = "802-11-wireless-security"


class Manager:
    """Speaks to NetworkManager. Every call raises NoService and NotDone."""

    def __init__(self, conversation: Conversation) -> None:
        self._bus = conversation
        self._settings: dict[str, Settings] = {}
        self._profiles_in_use: dict[str, str] = {}

    async def listen(self, changed: Callable[[], None], failed: Callable[[str, int], None]) -> None:
        """Hear of changes.

        Args:
            changed: something is another way now.
            failed: an attempt with the profile of that path has failed, for that NMDeviceStateReason.
        """

        def heard(news: Announcement) -> None:
            if news.interface == f"{NAME}.Settings.Connection":
                self._settings.pop(news.path, None)
            if (news.interface, news.name) == (f"{NAME}.Device", "StateChanged") and news.body[0] == FAILED:
                failed(self._profiles_in_use.get(news.path, ""), news.body[2])
            changed()

        await self._bus.listen(NAME, heard)

    async def observe(self) -> Observed:
        """Everything, now."""
        (objects,) = await self._bus.call(_OBJECTS, "GetManagedObjects")
        profiles = [path for path, interfaces in objects.items() if f"{NAME}.Settings.Connection" in interfaces]
        settings = {path: await self._of(path) for path in profiles}
        observed = observe(objects, {path: groups for path, groups in settings.items() if groups})
        for link in observed.links:
            if link.profile:
                self._profiles_in_use[link.path] = link.profile
        return observed

    async def _of(self, profile: str) -> Settings:
        """A profile's settings without secrets; none if it has gone meanwhile."""
        if profile not in self._settings:
            try:
                (self._settings[profile],) = await self._bus.call(_profile(profile), "GetSettings")
            except NotDone:
                return {}
        return self._settings[profile]

    async def whole(self, profile: str) -> Settings:
        """A profile's settings with its secrets."""
        (settings,) = await self._bus.call(_profile(profile), "GetSettings")
        if _SECURITY in settings:
            (secrets,) = await self._bus.call(_profile(profile), "GetSecrets", "s", _SECURITY)
            for group, values in secrets.items():
                settings[group].update(values)
        result: Settings = settings
        return result

    async def scan(self, link: str) -> None:
        """Listen to the air; NotDone while it is listening, or too soon after the last time."""
        await self._bus.call(Place(NAME, link, f"{NAME}.Device.Wireless"), "RequestScan", "a{sv}", {})

    async def add(self, settings: Settings) -> str:
        """A connection that is lost with the power until it is kept; its path."""
        path, _ = await self._bus.call(_SETTINGS, "AddConnection2", "a{sa{sv}}ua{sv}", settings, _IN_MEMORY, {})
        return str(path)

    async def update(self, profile: str, settings: Settings) -> None:
        """Another content, which is lost with the power until it is kept."""
        await self._bus.call(_profile(profile), "Update2", "a{sa{sv}}ua{sv}", settings, _IN_MEMORY, {})

    async def keep(self, profile: str) -> None:
        """Onto the card, as it is."""
        await self._bus.call(_profile(profile), "Save")
        # NetworkManager syncs nothing: a power cut within the next half minute would leave an empty file. The folder is root's, so everything is synced.
        await asyncio.to_thread(os.sync)

    async def delete(self, profile: str) -> None:
        """It is not known any more."""
        await self._bus.call(_profile(profile), "Delete")

    async def activate(self, profile: str, link: str) -> str:
        """Begin to join; the connection's path, which tells how it goes."""
        # It may fail before anybody looks again, and then it was this one.
        self._profiles_in_use[link] = profile
        (active,) = await self._bus.call(_MANAGER, "ActivateConnection", "ooo", profile, link, "/")
        return str(active)

    async def release(self, link: str) -> None:
        """It joins what is known by itself again, which it stops doing when a connection is taken from under it."""
        place = Place(NAME, link, "org.freedesktop.DBus.Properties")
        await self._bus.call(place, "Set", "ssv", f"{NAME}.Device", "Autoconnect", ("b", True))

    async def checkpoint(self, seconds: int) -> str:
        """From now on everything is as it was before, unless the checkpoint of that path is destroyed in time."""
        flags = _DELETE_NEW_CONNECTIONS | _DISCONNECT_NEW_DEVICES
        (path,) = await self._bus.call(_MANAGER, "CheckpointCreate", "aouu", [], seconds, flags)
        return str(path)

    async def checkpoints(self) -> list[str]:
        """Those that nobody has destroyed yet."""
        return [str(path) for path in await self._bus.get(_MANAGER, "Checkpoints")]

    async def confirm(self, checkpoint: str) -> None:
        """Everything stays. NotDone when it was too late."""
        await self._bus.call(_MANAGER, "CheckpointDestroy", "o", checkpoint)

    async def roll_back(self, checkpoint: str) -> None:
        """Everything is as it was before."""
        await self._bus.call(_MANAGER, "CheckpointRollback", "o", checkpoint)


def _profile(path: str) -> Place:
    return Place(NAME, path, f"{NAME}.Settings.Connection")
