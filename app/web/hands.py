"""Keys and buttons by HTTP: PiKVM's paths and parameters, for scripts; and the owner's shortcuts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from app.hid.jiggler import PERIOD
from app.hid.operator import Operator
from app.web import errors, events, query
from app.web.events import Act
from app.web.guard import Guarded
from app.web.hid import Typing


class State(Guarded):
    """`GET /api/hid`."""

    role = "viewer"

    def get(self) -> None:
        """In PiKVM's form: there is one keyboard, two mice, and nothing to choose between."""
        device = self.services.bus.device
        usb, online = device.usb, device.usb.state == "configured"
        leds = {name: name in (usb.leds or ()) for name in ("caps", "num", "scroll")}
        outputs = {"available": [], "active": ""}
        self.answer(
            {
                "enabled": True,
                "online": online,
                "busy": device.paste.client is not None,
                "connected": None,
                "keyboard": {"online": online, "leds": leds, "outputs": outputs},
                "mouse": {"online": online, "absolute": True, "outputs": outputs},
                "jiggler": {"enabled": True, "active": device.jiggling.active, "interval": int(PERIOD)},
            }
        )


class Reset(Guarded):
    """`POST /api/hid/reset`."""

    role = "operator"

    def post(self) -> None:
        """Let go of everything, whoever holds it, and stop whatever moves or types by itself."""
        self.services.paster.stop(f"reset by {self.grant.user}")
        self.services.desk.reset()
        self.note("input reset")
        self.answer({})


class Parameters(Guarded):
    """`POST /api/hid/set_params`."""

    role = "operator"

    def post(self) -> None:
        """Query `jiggler`: whether the mouse is moved now and then."""
        before = self.services.bus.device.jiggling.active
        active = bool(query.number(self, "jiggler", int(before), 0, 1))
        self.services.jiggler.turn(active=active)
        if active != before:
            self.note("jiggler turned", active=active)
        self.answer({})


class Inactivity(Guarded):
    """`GET /api/hid/inactivity`."""

    role = "viewer"

    def get(self) -> None:
        """Whole seconds since somebody typed or moved."""
        self.answer({"inactivity": int(self.services.desk.idle)})


class _Event(Typing):
    """One event, or several, under the lease of this person's page, or under one that ends with the answer."""

    def post(self) -> None:
        """Do it; 409 while somebody else has control, 503 where the target takes no input: what was not delivered is not called so."""
        acts = self.acts({name: self.get_query_argument(name) for name in self.request.query_arguments})
        services = self.services
        with self.lease() as client:
            operator = Operator(
                client,
                self.grant.user,
                services.lease,
                services.desk,
                lost=lambda _count, _why: None,
                clock=asyncio.get_running_loop().time,
                beside=True,
            )
            for act in acts:
                act(operator)
            self.note("typed", client=client)
        if services.desk.trouble:
            raise errors.Unavailable(services.desk.trouble)
        self.answer({})

    def acts(self, asked: dict[str, Any]) -> Sequence[Act]:
        """What is asked for. Raises BadRequest, UnknownKey, UnknownButton."""
        raise NotImplementedError


class SendKey(_Event):
    """`POST /api/hid/events/send_key`."""

    def acts(self, asked: dict[str, Any]) -> Sequence[Act]:
        """Query `key`, and `state` with `finish`; without a state, press and let go."""
        return [events.INPUT["key"]({"state": True, "finish": "state" not in asked, **asked})]


class SendShortcut(_Event):
    """`POST /api/hid/events/send_shortcut`."""

    def acts(self, asked: dict[str, Any]) -> Sequence[Act]:
        """Query `keys`: codes with commas between, pressed in this order and let go of in the other."""
        keys = [code.strip() for code in events.text(asked, "keys").split(",")]
        edges = [(code, True) for code in keys] + [(code, False) for code in reversed(keys)]
        return [events.INPUT["key"]({"key": code, "state": state}) for code, state in edges]


class SendMouseButton(_Event):
    """`POST /api/hid/events/send_mouse_button`."""

    def acts(self, asked: dict[str, Any]) -> Sequence[Act]:
        """Query `button`, and `state`; without a state, click."""
        states = [asked["state"]] if "state" in asked else [True, False]
        return [events.INPUT["mouse_button"]({**asked, "state": state}) for state in states]


class SendMouseMove(_Event):
    """`POST /api/hid/events/send_mouse_move`."""

    def acts(self, asked: dict[str, Any]) -> Sequence[Act]:
        """Query `to_x`, `to_y`: -32768 to 32767."""
        return [events.INPUT["mouse_move"]({"to": _pair(asked, "to_x", "to_y")})]


class SendMouseRelative(_Event):
    """`POST /api/hid/events/send_mouse_relative`."""

    def acts(self, asked: dict[str, Any]) -> Sequence[Act]:
        """Query `delta_x`, `delta_y`: -127 to 127."""
        return [events.INPUT["mouse_relative"]({"delta": _pair(asked, "delta_x", "delta_y")})]


class SendMouseWheel(_Event):
    """`POST /api/hid/events/send_mouse_wheel`."""

    def acts(self, asked: dict[str, Any]) -> Sequence[Act]:
        """Query `delta_x`, `delta_y`: -127 to 127, positive y scrolls up."""
        return [events.INPUT["mouse_wheel"]({"delta": _pair(asked, "delta_x", "delta_y")})]


class ShortcutList(Guarded):
    """`/api/hid/shortcuts`."""

    role = "operator"

    def get(self) -> None:
        """All of them."""
        self.answer([{"name": name, "keys": keys} for name, keys in self.services.shortcuts.all().items()])

    async def post(self) -> None:
        """`name`, `keys`: keep one, in the place of another of that name."""
        body = self.json()
        await self.services.writer.durably(self.services.shortcuts.put, body.get("name"), body.get("keys"))
        self.note("shortcut kept", name=body["name"])  # never the keys: they may type a password
        self.answer({})


class OneShortcut(Guarded):
    """`/api/hid/shortcuts/NAME`."""

    role = "operator"

    async def delete(self, name: str) -> None:
        """Forget it."""
        await self.services.writer.durably(self.services.shortcuts.remove, name)
        self.note("shortcut removed", name=name)
        self.answer({})


def _pair(asked: dict[str, Any], x: str, y: str) -> dict[str, object]:
    """Two whole numbers of a query, or what was there instead of them."""
    return {name: _whole(asked.get(key)) for name, key in (("x", x), ("y", y))}


def _whole(text: object) -> object:
    if isinstance(text, str) and text.removeprefix("-").isascii() and text.removeprefix("-").isdigit():
        return int(text[:9])
    return text
