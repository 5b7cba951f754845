"""The glass as something that shows pictures: plays the steps of `panel` on a `Port`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from itertools import chain
from typing import assert_never

from epaper import panel
from epaper.port import PanelAbsent, PanelStuck, Port

POLL = 0.020
"""Seconds between two looks at BUSY: at most 100 for a full refresh, and none outside of one."""
RISE = 0.001
"""Seconds that BUSY gets to rise in after a command, before the first look: GxEPD2's margin, no data sheet has a figure."""
RISE_LOOKS = 20
"""As many of them until a refresh, which takes 300 of them and more, has certainly begun."""
OFF = 0.1
"""Seconds without supply after which a controller that hung has forgotten why."""


class Display:
    """Owns the port, and knows whether the controller is awake and what the glass shows.

    After an error nothing is known any more: the port is closed, and the next picture must be a full one.
    Errors are PanelError's.
    """

    def __init__(
        self,
        connect: Callable[[], Port],
        controller: panel.Controller,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        """`connect` opens the port when the first picture needs it; `controller` is the version of the panel behind it.

        `clock` is monotonic, in seconds; `sleep` lets so many of them pass.
        """
        self._connect = connect
        self._controller = controller
        self._clock = clock
        self._sleep = sleep
        self._port: Port | None = None
        self._awake = False
        self._shown: bytes | None = None
        self._failed = False

    async def full(self, frame: bytes) -> None:
        """Show `frame` with the flashing waveform."""
        await self._show(frame, self._controller.init(), self._controller.base(frame))

    async def fast(self, frame: bytes) -> None:
        """Show `frame` with the shortest flashing waveform: somebody waits for it."""
        await self._show(frame, self._controller.fast(frame))

    async def partial(self, frame: bytes) -> None:
        """Show `frame` without flashing; the same as `full` when what the glass shows is not known."""
        if self._shown is None:
            await self.full(frame)
            return
        if not self._awake:
            await self._play(self._controller.init(), self._controller.restore(self._shown))
        await self._show(frame, self._controller.partial(frame))

    async def rest(self) -> None:
        """Put the controller to sleep; the glass keeps the picture."""
        await self._play(self._controller.deep_sleep())
        self._awake = False

    async def leave(self, frame: bytes) -> None:
        """Show `frame` for good: full refresh, deep sleep, supply off, port closed."""
        await self._play(self._controller.init(), self._controller.full(frame), self._controller.deep_sleep())
        if self._port is not None:
            self._port.power(False)
        self.close()

    def close(self) -> None:
        """Give the port back; what it shows is no longer known."""
        port, self._port, self._awake, self._shown = self._port, None, False, None
        if port is not None:
            port.close()

    async def _show(self, frame: bytes, *sequences: Iterable[panel.Step]) -> None:
        await self._play(*sequences)
        self._awake, self._shown = True, frame

    async def _play(self, *sequences: Iterable[panel.Step]) -> None:
        try:
            if self._port is None:
                self._port = self._connect()
                await self._power_up(self._port)
            for step in chain.from_iterable(sequences):
                await self._step(self._port, step)
        except BaseException:  # a cancelled refresh, too, leaves an unknown picture
            self._failed = True
            self.close()
            raise
        self._failed = False

    async def _power_up(self, port: Port) -> None:
        if self._failed:
            port.power(False)
            await self._sleep(OFF)
        port.power(True)

    async def _step(self, port: Port, step: panel.Step) -> None:
        match step:
            case panel.Send(command, data):
                port.command(command)
                if data:
                    port.data(data)
            case panel.Reset(held):
                port.reset(held)
            case panel.Pause(seconds):
                await self._sleep(seconds)
            case panel.Idle(timeout, answers):
                await self._sleep(RISE)
                if answers:
                    await self._answer(port)
                await self._idle(port, timeout)
            case _:
                assert_never(step)

    async def _answer(self, port: Port) -> None:
        for _ in range(RISE_LOOKS):
            if port.busy():
                return
            await self._sleep(RISE)
        raise PanelAbsent("no panel: a refresh was started and BUSY never rose")

    async def _idle(self, port: Port, timeout: float) -> None:  # noqa: ASYNC109 - the panel's limit, not the caller's
        limit = self._clock() + timeout
        while port.busy():
            if self._clock() >= limit:
                raise PanelStuck(f"panel stuck: BUSY stayed high for {timeout:.0f} s")
            await self._sleep(POLL)
