"""A client of the appliance made of other people's parts: Python's HTTP client and the `websockets` library."""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
import struct
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.patience import tries

HEADER = struct.Struct(">BBHIQIHH")
REPLY = struct.Struct(">BBHI")


def trusting() -> ssl.SSLContext:
    """TLS without checking who is there: the certificate is the device's own."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@dataclass(frozen=True)
class Answer:
    """One response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def result(self) -> Any:
        """The envelope's content; the envelope must match the status."""
        envelope = json.loads(self.body)
        assert envelope["ok"] == (self.status == 200)
        return envelope["result"]


class Background:
    """An event loop on a thread of its own: pings are answered while the test thinks."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Wait for the coroutine."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def stop(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Socket:
    """A WebSocket for tests that are no coroutines."""

    def __init__(self, background: Background, connection: ClientConnection) -> None:
        self._background = background
        self._connection = connection

    def send(self, message: str | bytes) -> None:
        """Send one message."""
        self._background.run(self._connection.send(message))

    def recv(self) -> str | bytes:
        """The next message, within 20 s. Raises TimeoutError, websockets' ConnectionClosed."""
        return self._background.run(asyncio.wait_for(self._connection.recv(), 20))

    def ending(self) -> tuple[int, str]:
        """Read until the other side closes: its code and reason."""
        try:
            while True:
                self.recv()
        except ConnectionClosed as closed:
            end = closed.rcvd
        assert end is not None, "the connection broke"
        return end.code, end.reason

    def close(self) -> None:
        """Close it properly."""
        self._background.run(self._connection.close())


class Client:
    """Talks to one appliance, from one of this machine's own addresses; keeps the session's cookie."""

    def __init__(self, url: str, source: str = "127.0.0.1") -> None:
        self.source = source
        parts = urlsplit(url)
        self.host = parts.netloc
        self.origin = f"https://{self.host}"
        self.cookie: str | None = None
        self._connection = http.client.HTTPSConnection(
            self.host, context=trusting(), timeout=60, source_address=(source, 0)
        )
        self._background = Background()
        self._sockets: list[Socket] = []

    def hang_up(self) -> None:
        """Close the connection of a request whose answer is not awaited."""
        self._connection.close()

    def begin(self, method: str, path: str, body: str) -> None:
        """A request whose answer is not awaited."""
        headers = {"Cookie": self.cookie or "", "Origin": self.origin}
        self._connection.request(method, path, body.encode(), headers)

    def close(self) -> None:
        """Close its sockets."""
        self._connection.close()
        for socket in self._sockets:
            socket.close()
        self._background.stop()

    def forget(self, socket: Socket) -> None:
        """A socket that is closed already: one of many."""
        self._sockets.remove(socket)

    def request(
        self, method: str, path: str, body: str | bytes | None = None, headers: Mapping[str, str | None] | None = None
    ) -> Answer:
        """One request; the connection is kept for the next. A header with the value None is left out."""
        sent: dict[str, str | None] = {"Cookie": self.cookie, "Origin": None if method == "GET" else self.origin}
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        sent.update(headers or {})
        there = {name: value for name, value in sent.items() if value is not None}
        try:
            return self._exchange(method, path, body, there)
        except (ConnectionError, ssl.SSLEOFError, http.client.BadStatusLine):
            self._connection.close()  # the server had closed it meanwhile
            return self._exchange(method, path, body, there)

    def _exchange(self, method: str, path: str, body: str | bytes | None, headers: Mapping[str, str]) -> Answer:
        self._connection.request(method, path, body.encode() if isinstance(body, str) else body, headers)
        response = self._connection.getresponse()
        return Answer(response.status, response.headers, response.read())

    def login(self, user: str, password: str, code: str = "") -> Answer:
        """Log in and keep the cookie."""
        form = {"user": user, "passwd": password, **({"code": code} if code else {})}
        return self._enter(self.request("POST", "/api/auth/login", urlencode(form)))

    def enter(self, path: str, **body: object) -> Answer:
        """Come in by a claim code or a link, and keep the cookie."""
        return self._enter(self.send("POST", path, **body))

    def send(self, method: str, path: str, **body: object) -> Answer:
        """One request with a JSON body."""
        return self.request(method, path, json.dumps(body), {"Content-Type": "application/json"})

    def _enter(self, answer: Answer) -> Answer:
        if answer.status == 200:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return answer

    def socket(self, path: str, origin: str | None = "ours", headers: Mapping[str, str] | None = None) -> Socket:
        """Open a WebSocket. Raises websockets' InvalidStatus when it is refused."""

        async def opened() -> ClientConnection:
            return await connect(
                f"wss://{self.host}{path}",
                ssl=trusting(),
                origin=self.origin if origin == "ours" else origin,  # type: ignore[arg-type]
                additional_headers={**({"Cookie": self.cookie} if self.cookie else {}), **(headers or {})},
                local_addr=(self.source, 0),
                compression=None,
                max_size=None,
                ping_interval=None,
            )

        self._sockets.append(Socket(self._background, self._background.run(opened())))
        return self._sockets[-1]


class Control:
    """`/api/ws`."""

    def __init__(self, client: Client) -> None:
        self.socket = client.socket("/api/ws")

    def send(self, event_type: str, **event: object) -> None:
        """Tell the appliance."""
        self.socket.send(json.dumps({"event_type": event_type, "event": event}))

    def await_event(self, event_type: str) -> Any:
        """The next event of a type; others are passed over."""
        patience = tries(f"event {event_type}")
        while True:
            next(patience)
            message = json.loads(self.socket.recv())
            if message["event_type"] == event_type:
                return message["event"]

    def await_state(self, **wanted: object) -> Any:
        """Wait until the parts of the state named are as given."""
        patience = tries(f"state {wanted}")
        while True:
            next(patience)
            state = self.await_event("state")
            if all(state[part] == value for part, value in wanted.items()):
                return state

    def tap(self, *codes: str) -> None:
        """Press and release keys, one after the other."""
        for code in codes:
            self.send("key", key=code, state=True)
            self.send("key", key=code, state=False)
