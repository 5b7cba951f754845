"""`/api/ws`: input and state. The protocol is docs/control-protocol.md."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError

from app.auth.errors import NotAllowed
from app.hid.desk import Pasting
from app.hid.lease import NotAsked, Refused
from app.hid.mouse import UnknownButton
from app.hid.operator import PONG, Operator
from app.hid.usages import UnknownKey
from app.status import Control, to_dict
from app.web import errors, events
from app.web.socket import Socket

_log = logging.getLogger(__name__)
_PING = PONG / 2
"""Seconds between pings, and for the answer."""
_PING_BYTES = 8
"""Too many to guess."""


class ControlSocket(Socket):
    """One client."""

    role = "viewer"
    _client: int
    _operator: Operator
    _watching: bool
    """Whether its grant, which does not change while the socket is there, lets it look only."""
    _typed: Control | None = None
    """The spell of control in which it typed last: the audit log has that once, and never what."""
    _telling: asyncio.Task[None]
    _beating: asyncio.Task[None]
    _asked: bytes | None = None
    """What the ping said that was not answered yet."""

    def opened(self) -> None:
        """Say hello, then the state at every change."""
        self._client = self.services.clients.join(self.send)
        self._operator = Operator(
            self._client,
            self.grant.user,
            self.services.lease,
            self.services.desk,
            lost=self._lose,
            clock=asyncio.get_running_loop().time,
        )
        version = self.services.bus.device.health.version
        self._watching = not self.grant.may("operator", "hid")
        hello = {"client": self._client, "user": self.grant.user, "version": version, "watching": self._watching}
        self.send("hello", hello)
        self._telling = asyncio.ensure_future(self._tell())
        self._beating = asyncio.ensure_future(self._beat())
        for task in (self._telling, self._beating):
            task.add_done_callback(self._ended)

    def closed(self) -> None:
        """Let go of everything this client holds."""
        self._telling.cancel()
        self._beating.cancel()
        self.services.clients.leave(self._client)
        self._operator.leave()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A page that is not told any more would show what was: it comes back on another connection."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.error("a control socket failed, and is closed", exc_info=error)
            self.close()

    def on_pong(self, data: bytes) -> None:
        """The client is there if it has read what it was asked; a pong that nobody asked for (RFC 6455, 5.5.3) says nothing."""
        if self._patient() and data == self._asked:
            self._asked = None
            self._operator.pong()

    async def _beat(self) -> None:
        """Ping until one is not answered.

        Not Tornado's own keep-alive: 6.4 closes every socket whose time-out is the interval, 6.5 allows no longer one.
        """
        try:
            while True:
                self._asked = self.services.chance.draw(_PING_BYTES)
                self.ping(self._asked)
                await asyncio.sleep(_PING)
                if self._asked is not None:
                    self.close()
                    return
        except WebSocketClosedError:
            pass

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Let go at once: the socket stays some seconds more for the answer of a client that may not be there."""
        self._operator.leave()
        super().close(code, reason)

    def send(self, event_type: str, event: object) -> None:
        """Tell this client something."""
        self._answer(_encoded(event_type, event))

    def _answer(self, message: str | bytes) -> None:
        with suppress(StreamClosedError):
            self.say(message)

    def _lose(self, reports: int, reason: str) -> None:
        self.send("lost", {"reports": reports, "reason": reason})

    def heard(self, message: str | bytes) -> None:
        """One event."""
        event_type = ""
        try:
            if isinstance(message, str):
                event_type, event = events.decoded(message)
                self._react(event_type, event)
            elif message[:1] == events.BINARY_PING:
                self._answer(events.BINARY_PONG)
            else:
                event_type, act = events.binary(message)
                self._type(event_type, act)
        except (Refused, Pasting, NotAllowed) as error:
            self.send("refused", {"what": event_type, "reason": str(error)})
        except (errors.BadRequest, UnknownKey, UnknownButton, NotAsked) as error:
            self.send("error", errors.body(error)["result"])
        except (events.NotJson, RecursionError) as error:
            self.fail(str(error))

    def _react(self, event_type: str, event: dict[str, Any]) -> None:
        if event_type in events.INPUT:
            self._type(event_type, events.INPUT[event_type](event))
        elif event_type == "control":
            self._control(event)
        elif event_type == "ping":
            if "at" in event:
                self._operator.heard(events.number(event, "at") / 1000)
            self.send("pong", {})
        else:
            raise errors.BadRequest(
                f"event_type has value {errors.shown(event_type)}, expected one of {', '.join(_ALL)}"
            )

    def _type(self, event_type: str, act: events.Act) -> None:
        """Input: for who may, and has control or gets it by being the first."""
        if self._watching:
            self.grant.require("operator", "hid")
        lease = self.services.lease
        before = lease.holder
        act(self._operator)
        if lease.holder is not self._typed:
            self._note_typing(event_type, before)

    def _note_typing(self, event_type: str, before: Control) -> None:
        """What the audit log has of a spell of control; `before` had it when the event came."""
        lease = self.services.lease
        if not lease.holds(self._client):
            return
        if before is not lease.holder:
            self._note("control taken")
        if event_type not in _QUIET:
            self._typed = lease.holder
            self._note("typed")

    def _note(self, event: str, **details: object) -> None:
        self.note(event, client=self._client, **details)

    def _control(self, event: dict[str, Any]) -> None:
        """Who has control, and who wants it."""
        action = events.choice(event, "action", ("take", "give", "ask", "grant"))
        lease = self.services.lease
        held = lease.holds(self._client)
        if action == "give":
            lease.give(self._client)
            return
        self.grant.require("operator", "hid")
        if action == "take":
            lease.take(self._client, self.grant.user)
        elif action == "ask":
            holder = lease.ask(self._client, self.grant.user)
            self.services.clients.tell(holder, "asked", {"client": self._client, "user": self.grant.user})
        else:
            lease.grant(self._client, events.number(event, "client"))
            self._note("control granted", to=lease.holder.client)
        if not held and lease.holds(self._client):
            self._note("control taken")

    async def _tell(self) -> None:
        """The state now and after every change; a slow client gets only the newest."""
        with suppress(StreamClosedError):
            async for device in self.services.bus.changes():
                await self.say(_encoded("state", to_dict(device.public())))


_ALL = (*events.INPUT, "control", "ping")
_QUIET = {"keep", "release"}
"""What is no typing by itself."""


def _encoded(event_type: str, event: object) -> str:
    return json.dumps({"event_type": event_type, "event": event}, separators=(",", ":"))
