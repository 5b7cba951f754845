"""A conversation with the system's services over D-Bus: calls and their answers, and what is announced.

The wire is jeepney's: a variant is a pair of signature and value, a structure a tuple.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.net.errors import NetError, NoService, NotDone

if TYPE_CHECKING:
    from jeepney import Message
    from jeepney.io.asyncio import DBusConnection

_PATIENCE = 30.0
"""Seconds for an answer: NetworkManager's own for its supplicant is 25."""
_AGAIN = 5.0
"""Seconds until a service that is not there is asked for again."""
_GONE = {"org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"}
_PROPERTIES = "org.freedesktop.DBus.Properties"


@dataclass(frozen=True, slots=True)
class Place:
    """An object of a service, under one of its interfaces."""

    service: str
    path: str
    interface: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """A signal."""

    path: str
    interface: str
    name: str
    body: tuple[Any, ...]


_BUS = Place("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")


async def attend(work: Callable[[Conversation], Awaitable[None]], lost: Callable[[NetError], None]) -> None:
    """Do some work for as long as the services it needs are there, and again when they are back. Until cancelled.

    Args:
        work: ends by raising a NetError.
        lost: told of it, and of an end that nobody expected, which is raised then.
    """
    while True:
        try:
            await _attended(work)
        except NetError as error:
            lost(error)
        except Exception:
            lost(NoService("it is asked anew"))
            raise
        await asyncio.sleep(_AGAIN)


async def _attended(work: Callable[[Conversation], Awaitable[None]]) -> None:
    """Until the work or the conversation ends: work that waits for news would not notice that there can be none any more."""
    conversation = await Conversation.open()
    working = asyncio.ensure_future(work(conversation))
    try:
        await asyncio.wait([working, conversation.reading], return_when=asyncio.FIRST_COMPLETED)
        await (working if working.done() else conversation.reading)
    finally:
        working.cancel()
        await asyncio.wait([working])
        await conversation.close()


class Conversation:
    """One connection. It ends with the bus; whoever still waits for an answer then gets NoService."""

    def __init__(self, connection: DBusConnection) -> None:
        self._connection = connection
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._listeners: list[Callable[[Announcement], None]] = []
        self.reading = asyncio.ensure_future(self._read())
        """Ends with the conversation, by raising why."""

    @classmethod
    async def open(cls) -> Conversation:
        """Connect to the system's bus. Raises NoService."""
        from jeepney.io.asyncio import open_dbus_connection

        try:
            return cls(await open_dbus_connection("SYSTEM"))
        except (OSError, EOFError) as error:
            raise NoService(f"the message bus does not answer: {error}") from error

    async def call(self, place: Place, method: str, signature: str = "", *arguments: Any) -> tuple[Any, ...]:
        """The answer's values. Raises NoService, NotDone."""
        from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call

        if self.reading.done():
            raise NoService("the message bus has gone")
        address = DBusAddress(place.path, place.service, place.interface)
        serial = next(self._connection.outgoing_serial)
        answer = self._waiting[serial] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._connection.send(
                    new_method_call(address, method, signature or None, arguments), serial=serial
                )
                message = await answer
        except TimeoutError:
            raise NoService(f"{place.service} does not answer {method}") from None
        except OSError as error:
            raise NoService(f"the message bus has gone: {error}") from error
        finally:
            del self._waiting[serial]
        if message.header.message_type is MessageType.error:
            name = message.header.fields[HeaderFields.error_name]
            words = str(message.body[0]) if message.body else ""
            raise NoService(words) if name in _GONE else NotDone(name, words)
        return tuple(message.body)

    async def get(self, place: Place, name: str) -> Any:
        """The value of a property."""
        (variant,) = await self.call(Place(place.service, place.path, _PROPERTIES), "Get", "ss", place.interface, name)
        return variant[1]

    async def listen(self, service: str, heard: Callable[[Announcement], None]) -> None:
        """Hear of every signal of a service, and of its coming and going, which is a signal of the bus."""
        self._listeners.append(heard)
        lives = f"sender='{_BUS.service}',member='NameOwnerChanged',arg0='{service}'"
        for rule in (f"sender='{service}'", lives):
            await self.call(_BUS, "AddMatch", "s", f"type='signal',{rule}")

    async def close(self) -> None:
        """Hang up."""
        self.reading.cancel()
        await asyncio.wait([self.reading])
        self._connection.writer.close()

    async def _read(self) -> None:
        try:
            while True:
                self._take(await self._connection.receive())
        except (OSError, EOFError) as error:
            raise NoService("the message bus has gone") from error
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(NoService("the message bus has gone"))

    def _take(self, message: Message) -> None:
        from jeepney import HeaderFields, MessageType

        fields = message.header.fields
        if message.header.message_type is MessageType.signal:
            announcement = Announcement(
                fields[HeaderFields.path], fields[HeaderFields.interface], fields[HeaderFields.member], message.body
            )
            for heard in self._listeners:
                heard(announcement)
            return
        answer = self._waiting.get(fields.get(HeaderFields.reply_serial, 0))
        if answer is not None and not answer.done():
            answer.set_result(message)
