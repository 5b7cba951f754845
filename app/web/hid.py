"""Text that is typed on the target, and the layouts it can be typed in. PiKVM's paths and parameters, and some of our own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from tornado.http1connection import HTTP1Connection
from tornado.web import stream_request_body

from app.hid import paste
from app.web import errors, query
from app.web.guard import Guarded

_BODY_MAX = 1 << 20
"""Bytes: more than the longest text has in UTF-8, so that one that is too long is refused in words."""
_SLOW = 0.02
"""Seconds after each report; PiKVM's."""
_SLOWEST = 5.0


class Typing(Guarded):
    """What types for whoever asks."""

    role = "operator"

    @property
    def caps(self) -> bool:
        """Whether Caps Lock is on at the target; where it has not said, it is taken for off."""
        return "caps" in (self.services.bus.device.usb.leds or ())

    @contextmanager
    def lease(self) -> Iterator[int]:
        """Type under the lease of this person's page if it has control, else under one of this request's own. Raises Refused."""
        services, user = self.services, self.grant.user
        control = services.bus.device.control
        if control.client is not None and control.holder == user:
            yield control.client
            return
        client = services.clients.join(lambda _type, _event: None)
        try:
            services.lease.admit(client, user)
            self.note("control taken", client=client)
            yield client
        finally:
            services.lease.give(client)
            services.clients.leave(client)


class Keymaps(Guarded):
    """`GET /api/hid/keymaps`."""

    role = "viewer"

    async def get(self) -> None:
        """All layouts, by name and title."""
        keymaps = self.services.keymaps
        titles = await asyncio.to_thread(lambda: keymaps.titles)
        self.answer({"keymaps": {"default": keymaps.default, "available": list(titles), "titles": titles}})


class Keymap(Typing):
    """`GET /api/hid/keymaps/NAME`."""

    async def get(self, name: str) -> None:
        """The characters that can be typed in it, with Caps Lock as it is at the target."""
        layout = await asyncio.to_thread(self.services.keymaps.layout, name)
        self.answer({"characters": "".join(layout.ways(caps=self.caps))})


@stream_request_body
class Print(Typing):
    """`POST /api/hid/print` types its body and answers when that is done; `DELETE` stops it."""

    _at_work = False

    async def prepare(self) -> None:
        """Nothing of the body is read before it is known who sends it; then it may be longer than others."""
        self._body = bytearray()
        await super().prepare()
        assert isinstance(self.request.connection, HTTP1Connection)
        self.request.connection.set_max_body_size(_BODY_MAX)

    def data_received(self, chunk: bytes) -> None:
        """Tornado calls this with each part of the body."""
        self._body += chunk

    async def post(self) -> None:
        """Query: `keymap`, `limit`, `slow`, `delay` as with PiKVM; `skip=1` leaves out what cannot be typed."""
        delay = query.seconds(self, "delay", _SLOW * query.number(self, "slow", 0, 0, 1), _SLOWEST)
        characters = await asyncio.to_thread(
            self._planned, self._text(), skip=bool(query.number(self, "skip", 0, 0, 1))
        )
        with self.lease() as client, self._standing():
            try:
                await self.services.paster.type(characters, client, delay)
            except paste.Stopped as stopped:
                self.note("pasted", client=client, characters=stopped.typed)
                raise
            self.note("pasted", client=client, characters=len(characters))
        self.answer({"typed": len(characters)})

    def delete(self) -> None:
        """Stop after the character that was begun."""
        stopped = self.services.paster.stop(f"stopped by {self.grant.user}")
        if stopped:
            self.note("pasting stopped")
        self.answer({"stopped": stopped})

    def on_connection_close(self) -> None:
        """Tornado calls this when whoever asked has gone before the answer."""
        super().on_connection_close()
        self._stop()

    def _text(self) -> str:
        try:
            text = self._body.decode()
        except UnicodeDecodeError as error:
            raise errors.BadRequest(f"the body is not UTF-8: {error.reason} at byte {error.start}") from None
        limit = query.number(self, "limit", 0, 0, 999_999_999)
        return text[:limit] if limit else text

    def _planned(self, text: str, *, skip: bool) -> list[paste.Reports]:
        """Raises UnknownLayout, NoLayouts, TooLong, Untypable."""
        layout = self.services.keymaps.layout(self.get_query_argument("keymap", self.services.keymaps.default))
        return paste.planned(text, layout.ways(caps=self.caps), skip=skip)

    @contextmanager
    def _standing(self) -> Iterator[None]:
        """While it types, the end of the grant ends it, and so does that of the connection."""
        standing = self.services.gate.standing
        standing.add(self.grant, self._stop)
        self._at_work = True
        try:
            yield
        finally:
            self._at_work = False
            standing.discard(self._stop)

    def _stop(self) -> None:
        if self._at_work:
            self.services.paster.stop("whoever sent it is gone")
