"""Keeps the daemon's long-lived tasks going: one that fails is told of, starts again, and takes no other with it."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any, Final

from app.bus import Bus

FIRST: Final = 1.0
"""Seconds until a task starts again; twice as many each time,"""
LONGEST: Final = 60.0
"""and no more than these."""
STEADY: Final = 30.0
"""Seconds after which a task that started again is well."""

_log = logging.getLogger(__name__)


class Supervisor:
    """Says in `Health.faults` what is down.

    Args:
        bus: who is told.
        sleep: waits for so many seconds.
    """

    def __init__(self, bus: Bus, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._bus = bus
        self._sleep = sleep
        self._tasks: set[asyncio.Task[None]] = set()

    def start(
        self, name: str, work: Callable[[], Coroutine[Any, Any, None]], unknown: Callable[[], None] | None = None
    ) -> Callable[[], object]:
        """Run a task until it returns, or is stopped.

        Args:
            name: of what does not work while it is down, in words for the user.
            work: the task; called again for each start.
            unknown: publishes, in place of what the task has said last, that nobody knows.

        Returns:
            What stops it.
        """
        task = asyncio.get_running_loop().create_task(self._keep(name, work, unknown), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task.cancel

    async def stop(self) -> None:
        """Stop them all."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(
        self, name: str, work: Callable[[], Coroutine[Any, Any, None]], unknown: Callable[[], None] | None
    ) -> None:
        loop, me = asyncio.get_running_loop(), asyncio.current_task()
        assert me is not None
        fault, said, pause = f"{name} failed", "", FIRST
        while True:
            well = loop.call_later(STEADY, partial(self._tell, fault, down=False))
            try:
                await work()
            except (asyncio.CancelledError, Exception):
                if me.cancelling():
                    raise
                words = traceback.format_exc()  # what was cancelled is something that it waited for
            else:
                self._tell(fault, down=False)
                return
            finally:
                well.cancel()
            if loop.time() >= well.when():
                said, pause = "", FIRST
            _log.error("%s, and starts again in %.0f s: %s", fault, pause, "as before" if words == said else words)
            said = words
            self._tell(fault, down=True)
            if unknown is not None:
                unknown()
            await self._sleep(pause)
            pause = min(2 * pause, LONGEST)

    def _tell(self, fault: str, *, down: bool) -> None:
        health = self._bus.device.health
        others = tuple(each for each in health.faults if each != fault)
        self._bus.publish(replace(health, faults=(*others, fault) if down else others))
