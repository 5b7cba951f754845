"""Hashes and checks passwords beside the event loop, one at a time."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from app.auth import passwords
from app.chance import Chance

_Result = TypeVar("_Result")


class Hasher:
    """Does the slow part on one thread of low priority: one password at a time, and the video never starves."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._thread = ThreadPoolExecutor(1, "passwords", _step_back)
        self._nobody = f"scrypt:{'00' * 16}:{'00' * 64}"

    async def matches(self, password: str, stored: str | None) -> bool:
        """`passwords.matches`; without a hash, which is an unknown user, it takes as long and is False."""
        return await self._run(passwords.matches, password, stored or self._nobody) and stored is not None

    async def digest(self, password: str) -> str:
        """`passwords.digest`."""
        return await self._run(passwords.digest, password, self._chance)

    def close(self) -> None:
        """End the thread when it is idle."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _run(self, function: Callable[..., _Result], *arguments: object) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)


def _step_back() -> None:
    """A thread has a nice value of its own on Linux (setpriority(2), C library/kernel differences)."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
