"""A NetworkManager of two profiles' worth: remembers what it was told, and is in the state that a test gives it."""

from __future__ import annotations

import asyncio

from app.net.errors import NotDone
from app.net.profiles import Settings


class FakeManager:
    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []
        self.profiles: dict[str, Settings] = {}
        self.refuses: set[str] = set()
        self.open: list[str] = []

    async def _note(self, *what: object) -> None:
        await asyncio.sleep(0)  # as an answer does, others get their turn
        self.told.append(what)
        if what[0] in self.refuses:
            raise NotDone("org.freedesktop.NetworkManager.Refused", f"no {what[0]}")

    def done(self) -> list[tuple[object, ...]]:
        """What it was told since the last time."""
        told, self.told = self.told, []
        return told

    async def add(self, settings: Settings) -> str:
        path = f"/settings/{settings['connection']['id'][1]}"
        await self._note("add", path)
        self.profiles[path] = settings
        return path

    async def update(self, profile: str, settings: Settings) -> None:
        await self._note("update", profile, settings)
        self.profiles[profile] = settings

    async def whole(self, profile: str) -> Settings:
        return self.profiles[profile]

    async def keep(self, profile: str) -> None:
        await self._note("keep", profile)

    async def delete(self, profile: str) -> None:
        await self._note("delete", profile)
        self.profiles.pop(profile, None)

    async def activate(self, profile: str, link: str) -> str:
        await self._note("activate", profile, link)
        return "/active/1"

    async def release(self, link: str) -> None:
        await self._note("release", link)

    async def checkpoint(self, seconds: int) -> str:
        await self._note("checkpoint", seconds)
        self.open.append("/checkpoint/1")
        return self.open[-1]

    async def checkpoints(self) -> list[str]:
        await asyncio.sleep(0)
        return list(self.open)

    async def confirm(self, checkpoint: str) -> None:
        await self._note("confirm", checkpoint)
        self.open.remove(checkpoint)

    async def roll_back(self, checkpoint: str) -> None:
        await self._note("roll back", checkpoint)
        self.open.remove(checkpoint)
