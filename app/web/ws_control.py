"""`/api/ws`: input and state. The protocol is docs/control-protocol.md."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tornado.websocket import WebSocketClosedError

from app.auth.errors import NotAllowed
from app.hid.lease import Refused
from app.hid.mouse import UnknownButton
from app.hid.usages import UnknownKey
from app.status import to_dict
from app.web import errors
from app.web.socket import Socket

_PING = 2.5
"""Seconds between pings, and for the answer: a client that vanishes holds its keys for twice that at most."""


class ControlSocket(Socket):
    """One client."""

    role = "viewer"
    _client: int
    _typed = False
    """Whether it typed since it got control: the audit log has that once, and never what."""
    _telling: asyncio.Task[None]
    _beating: asyncio.Task[None]
    _answered = False

    def opened(self) -> None:
        """Say hello, then the state at every change."""
        self._client = self.services.clients.join(self.send)
        version = self.services.bus.device.health.version
        watching = not self.grant.may("operator", "hid")
        hello = {"client": self._client, "user": self.grant.user, "version": version, "watching": watching}
        self.send("hello", hello)
        self._telling = asyncio.ensure_future(self._tell())
        self._beating = asyncio.ensure_future(self._beat())

    def closed(self) -> None:
        """Let go of everything this client holds."""
        self._telling.cancel()
        self._beating.cancel()
        self.services.clients.leave(self._client)
        self.services.lease.give(self._client)

    def on_pong(self, data: bytes) -> None:
        """The client is there."""
        self._answered = True

    async def _beat(self) -> None:
        """Ping until one is not answered.

        Not Tornado's own keep-alive: 6.4 closes every socket whose time-out is the interval, 6.5 allows no longer one.
        """
        try:
            while True:
                self._answered = False
                self.ping()
                await asyncio.sleep(_PING)
                if not self._answered:
                    # At once: closing waits some seconds more for the answer of a client that is not there.
                    self.services.lease.give(self._client)
                    self.close()
                    return
        except WebSocketClosedError:
            pass

    def send(self, event_type: str, event: object) -> None:
        """Tell this client something."""
        try:
            self.write_message(_encoded(event_type, event))
        except WebSocketClosedError:
            self._telling.cancel()

    def on_message(self, message: str | bytes) -> None:
        """One event."""
        event_type = ""
        try:
            event_type, event = _decoded(message)
            self._react(event_type, event)
        except (Refused, NotAllowed) as error:
            self.send("refused", {"what": event_type, "reason": str(error)})
        except (errors.BadRequest, UnknownKey, UnknownButton) as error:
            self.send("error", errors.body(error)["result"])
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            self.fail(f"a message that is not JSON: {error}")

    def _react(self, event_type: str, event: dict[str, Any]) -> None:
        services = self.services
        if event_type in _INPUT:
            act = _INPUT[event_type](self, event)
            self._type(act)
        elif event_type == "release":
            if services.lease.holds(self._client):
                services.desk.release()
        elif event_type == "control":
            self._control(_choice(event, "action", ("take", "give")))
        elif event_type == "ping":
            self.send("pong", {})
        else:
            raise errors.BadRequest(f"event_type has value {event_type!r}, expected one of {', '.join(_ALL)}")

    def _type(self, act: Callable[[], None]) -> None:
        """Input: for who may, and has control or gets it by being the first."""
        self.grant.require("operator", "hid")
        held = self.services.lease.holds(self._client)
        self.services.lease.admit(self._client, self.grant.user)
        if not held:
            self._note("control taken")
        act()
        if not self._typed:
            self._typed = True
            self._note("typed")

    def _note(self, event: str) -> None:
        if event == "control taken":
            self._typed = False
        self.services.gate.audit.record(event, self.grant.user, self.visitor.address, client=self._client)

    def _control(self, action: str) -> None:
        if action == "take":
            self.grant.require("operator", "hid")
            if not self.services.lease.holds(self._client):
                self.services.lease.take(self._client, self.grant.user)
                self._note("control taken")
        else:
            self.services.lease.give(self._client)

    def _key(self, event: dict[str, Any]) -> Callable[[], None]:
        key, state = _text(event, "key"), _flag(event, "state")
        return lambda: self.services.desk.key(key, state)

    def _button(self, event: dict[str, Any]) -> Callable[[], None]:
        button, state = _text(event, "button"), _flag(event, "state")
        return lambda: self.services.desk.button(button, state)

    def _move(self, event: dict[str, Any]) -> Callable[[], None]:
        x, y = _pair(event, "to", -32768, 32767)
        return lambda: self.services.desk.move(x, y)

    def _relative(self, event: dict[str, Any]) -> Callable[[], None]:
        dx, dy = _pair(event, "delta", -127, 127)
        return lambda: self.services.desk.shift(dx, dy)

    def _wheel(self, event: dict[str, Any]) -> Callable[[], None]:
        dx, dy = _pair(event, "delta", -127, 127)
        return lambda: self.services.desk.wheel(dx, dy)

    async def _tell(self) -> None:
        """The state now and after every change; a slow client gets only the newest."""
        try:
            async for device in self.services.bus.changes():
                await self.write_message(_encoded("state", to_dict(device.public())))
        except WebSocketClosedError:
            pass


_INPUT: dict[str, Callable[[ControlSocket, dict[str, Any]], Callable[[], None]]] = {
    "key": ControlSocket._key,
    "mouse_button": ControlSocket._button,
    "mouse_move": ControlSocket._move,
    "mouse_relative": ControlSocket._relative,
    "mouse_wheel": ControlSocket._wheel,
}
"""Events that type: each is checked first, then needs the lease, then acts."""
_ALL = (*_INPUT, "release", "control", "ping")


def _encoded(event_type: str, event: object) -> str:
    return json.dumps({"event_type": event_type, "event": event}, separators=(",", ":"))


def _decoded(message: str | bytes) -> tuple[str, dict[str, Any]]:
    """The type and the event. Raises BadRequest, json.JSONDecodeError, UnicodeDecodeError, RecursionError."""
    content = json.loads(message)
    if not isinstance(content, dict) or not isinstance(content.get("event_type"), str):
        raise errors.BadRequest('a message has the form {"event_type": "...", "event": {...}}')
    event = content.get("event", {})
    if not isinstance(event, dict):
        raise errors.BadRequest(f"event has value {event!r}, expected an object")
    return content["event_type"], event


def _text(event: dict[str, Any], name: str) -> str:
    value = event.get(name)
    if not isinstance(value, str):
        raise errors.BadRequest(f"{name} has value {value!r}, expected a string")
    return value


def _flag(event: dict[str, Any], name: str) -> bool:
    value = event.get(name)
    if not isinstance(value, bool):
        raise errors.BadRequest(f"{name} has value {value!r}, expected true or false")
    return value


def _choice(event: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = _text(event, name)
    if value not in choices:
        raise errors.BadRequest(f"{name} has value {value!r}, expected one of {', '.join(choices)}")
    return value


def _pair(event: dict[str, Any], name: str, least: int, most: int) -> tuple[int, int]:
    """Two whole numbers `x` and `y` within limits."""
    value = event.get(name)
    if isinstance(value, dict):
        x, y = value.get("x"), value.get("y")
        # not isinstance: true is an int to Python
        if type(x) is int and type(y) is int and least <= min(x, y) and max(x, y) <= most:
            return x, y
    raise errors.BadRequest(f"{name} has value {value!r}, expected x and y as whole numbers from {least} to {most}")
