"""The panel's life: news comes in, becomes a page, and goes on the glass when the policy says so.

One loop, one picture at a time. A panel that fails is tried again; the service never ends because of it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from epaper.display import Display
from epaper.ledger import Ledger
from epaper.mirror import Mirror
from epaper.news import News, Silence
from epaper.own import Own
from epaper.page import Page, page
from epaper.policy import Action, Policy
from epaper.port import PanelError
from epaper.steady import Steady
from epaper.trouble import silent, stopped
from epaper.view import View

if TYPE_CHECKING:
    import asyncio


class Service:
    """Shows the latest news until it is stopped."""

    def __init__(
        self,
        display: Display,
        view: View,
        *,
        own: Own,
        ledger: Ledger,
        mirror: Mirror | None,
        clock: Callable[[], float],
        stamp: Callable[[], str],
        log: Callable[[str], None],
    ) -> None:
        """`own` is what is known before any news; `mirror` keeps what the glass shows for others to look at.

        `clock` is monotonic, in seconds; `stamp` is the "as of" of a page drawn now; `log` gets finished lines.
        """
        self._display = display
        self._view = view
        self._own = own
        self._ledger = ledger
        self._mirror = mirror
        self._clock = clock
        self._stamp = stamp
        self._log = log
        self._policy = Policy()
        self._steady = Steady()
        self._news: News = Silence.STARTING
        self._page: Page = page(self._news, own)
        self._wake: Callable[[], None] = _nobody
        self._stopping = False
        self._trouble = ""
        self._complaint = ""

    def tell(self, news: News) -> None:
        """Take the latest news; call it on the loop."""
        self._news = news if isinstance(news, Silence) else self._steady.settle(news)
        self._turn()

    def found(self, addresses: tuple[str, ...]) -> None:
        """Take the machine's addresses; call it on the loop."""
        self._own = replace(self._own, addresses=addresses)
        self._turn()

    def retry(self) -> None:
        """Do not wait with the next attempt on a panel that failed; call it on the loop."""
        self._policy.hurry(self._clock())
        self._wake()

    def stop(self) -> None:
        """Let `run` draw its last page and return. A refresh under way is finished first."""
        self._stopping = True
        self._wake()

    def begin(self) -> None:
        """Draw the first page before there is an event loop, which takes longer to load than a page to draw.

        For a display whose `sleep` blocks as long as there is none.
        """
        _, action = self._policy.due(self._page)
        drawing = self._attempt(self._page, action)
        try:
            drawing.send(None)
        except StopIteration:
            return
        raise RuntimeError("the display's sleep does not block")

    async def run(self) -> None:
        """Until `stop`."""
        from asyncio import Event

        changed = Event()
        self._wake = changed.set
        while not self._stopping:
            changed.clear()
            when, action = self._policy.due(self._page)
            wait = when - self._clock()
            if wait > 0:
                await _wait(changed, wait)
            else:
                await self._attempt(self._page, action)
        await self._leave()

    def _turn(self) -> None:
        """To the page that is true now."""
        new = page(self._news, self._own)
        if new != self._page:
            self._page = new
            self._wake()

    async def _attempt(self, shown: Page, action: Action) -> None:
        try:
            if action == "sleep":
                await self._display.rest()
                self._policy.slept()
                return
            stamp = self._stamp()
            seen, frame = self._drawing(shown, stamp)
            show = {"full": self._display.full, "fast": self._display.fast, "partial": self._display.partial}[action]
            await show(frame)
        except PanelError as error:
            self._policy.failed(self._clock())
            self._failed(error)
        else:
            self._policy.drew(shown, action, self._clock())
            self._drew(action, frame, seen, stamp)
            self._report("")

    def _drawing(self, shown: Page, stamp: str) -> tuple[Page, bytes]:
        """The picture of a page, or of one that says that there is none: whatever the daemon says, the panel goes on."""
        try:
            return shown, self._view.frame(shown, stamp)
        except Exception as error:  # noqa: BLE001 - a page is made of another process's words
            complaint = f"a page cannot be drawn: {type(error).__name__}"
            if complaint != self._complaint:
                self._complaint = complaint
                self._log(complaint)
        instead = silent(Silence.GARBLED, self._own)
        return instead, self._view.frame(instead, stamp)

    async def _leave(self) -> None:
        last, stamp = stopped(self._own), self._stamp()
        frame = self._view.frame(last, stamp)
        try:
            await self._display.leave(frame)
        except PanelError as error:
            self._failed(error)
        else:
            self._drew("full", frame, last, stamp)
        finally:
            self._display.close()
            self._ledger.save()

    def _drew(self, action: Action, frame: bytes, shown: Page, stamp: str) -> None:
        self._ledger.drew(action)
        if self._mirror is not None:
            self._mirror.show(frame, shown, stamp, self._ledger)

    def _failed(self, error: PanelError) -> None:
        if self._mirror is not None:
            self._mirror.forget()
        self._report(str(error))

    def _report(self, trouble: str) -> None:
        """One line when something new is wrong, and one when it is over; none for each attempt."""
        if trouble != self._trouble:
            self._trouble = trouble
            self._log(f"{trouble}; trying again" if trouble else "the panel works again")


def _nobody() -> None:
    """There is no loop to wake."""


async def _wait(changed: asyncio.Event, seconds: float) -> None:
    from asyncio import timeout

    with suppress(TimeoutError):
        async with timeout(seconds):
            await changed.wait()
