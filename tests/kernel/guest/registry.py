"""What NetworkManager has understood of a network, in its own words: asked over D-Bus, secrets included."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from app.net.dbus import Conversation, Place
from app.net.manager import Manager
from app.net.observed import NAME
from app.net.profiles import Settings

_SETTINGS = Place(NAME, f"/{NAME.replace('.', '/')}/Settings", f"{NAME}.Settings")
Answer = TypeVar("Answer")


class Registry:
    """One conversation about networks."""

    def __init__(self, conversation: Conversation) -> None:
        self._bus = conversation
        self._manager = Manager(conversation)

    async def reload(self) -> None:
        """NetworkManager reads its folder again."""
        await self._bus.call(_SETTINGS, "ReloadConnections")

    async def add(self, settings: Settings) -> Settings:
        """What becomes of a connection on its way through NetworkManager. Raises NotDone: it does not take it."""
        path = await self._manager.add(settings)
        try:
            return await self._manager.whole(path)
        finally:
            await self._manager.delete(path)

    async def networks(self) -> dict[str, Settings]:
        """Every Wi-Fi network that NetworkManager knows, by its uuid."""
        (paths,) = await self._bus.call(_SETTINGS, "ListConnections")
        found = [await self._manager.whole(path) for path in paths]
        return {each["connection"]["uuid"][1]: each for each in found if "802-11-wireless" in each}


def asked(question: Callable[[Registry], Coroutine[Any, Any, Answer]]) -> Answer:
    """The answer to one."""

    async def ask() -> Answer:
        conversation = await Conversation.open()
        try:
            return await question(Registry(conversation))
        finally:
            await conversation.close()

    return asyncio.run(ask())
