"""The panel's life: news comes in, becomes a page, and goes on the glass when the policy says so.

One loop, one picture at a time. A panel that fails is tried again; the service never ends because of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from epaper.display import Display
from epaper.link import News, Silence
from epaper.page import Page, page, stopped
from epaper.policy import Action, Policy
from epaper.port import PanelError
from epaper.view import View


class Service:
    """Shows the latest news until it is stopped."""

    def __init__(
        self,
        display: Display,
        view: View,
        *,
        host: str,
        clock: Callable[[], float],
        stamp: Callable[[], str],
        log: Callable[[str], None],
    ) -> None:
        """`clock` is monotonic, in seconds; `stamp` is the "as of" of a page drawn now; `log` gets finished lines."""
        self._display = display
        self._view = view
        self._host = host
        self._clock = clock
        self._stamp = stamp
        self._log = log
        self._policy = Policy()
        self._page: Page = page(Silence.STARTING, host)
        self._news = asyncio.Event()
        self._stopping = False
        self._trouble = ""

    def tell(self, news: News) -> None:
        """Take the latest news; call it on the loop."""
        self._page = page(news, self._host)
        self._news.set()

    def stop(self) -> None:
        """Let `run` draw its last page and return. A refresh under way is finished first."""
        self._stopping = True
        self._news.set()

    async def run(self) -> None:
        """Until `stop`."""
        while not self._stopping:
            self._news.clear()
            when, action = self._policy.due(self._page)
            wait = when - self._clock()
            if wait > 0:
                await self._wait(wait)
            else:
                await self._attempt(self._page, action)
        await self._leave()

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return

    async def _attempt(self, shown: Page, action: Action) -> None:
        try:
            if action == "sleep":
                await self._display.rest()
                self._policy.slept()
                return
            show = {"full": self._display.full, "fast": self._display.fast, "partial": self._display.partial}[action]
            await show(self._view.frame(shown, self._stamp()))
        except PanelError as error:
            self._policy.failed(self._clock())
            self._report(str(error))
        else:
            self._policy.drew(shown, action, self._clock())
            self._report("")

    async def _leave(self) -> None:
        try:
            await self._display.leave(self._view.frame(stopped(self._host), self._stamp()))
        except PanelError as error:
            self._report(str(error))
        finally:
            self._display.close()

    def _report(self, trouble: str) -> None:
        """One line when something new is wrong, and one when it is over; none for each attempt."""
        if trouble != self._trouble:
            self._trouble = trouble
            self._log(f"{trouble}; trying again" if trouble else "the panel works again")
