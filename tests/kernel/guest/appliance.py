"""The real daemon as a process, and what a browser does with it: logs in, opens the sockets."""

from __future__ import annotations

import asyncio
import json
import os
import select
import subprocess
import sys
import urllib.parse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.kernel.guest.target import PATIENCE

PORT = 8443
ORIGIN = f"https://127.0.0.1:{PORT}"
PASSWORD = "correct horse"


class Appliance:
    """`python3 -m app` on the machine's own hardware."""

    def __init__(self, folder: Path) -> None:
        self._command = [
            sys.executable, "-m", "app", "--listen", "127.0.0.1", "--port", str(PORT),
            "--state", str(folder / "state"), "--runtime", str(folder / "run"),
        ]  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start it, at first and after its end."""
        environment = {**os.environ, "INKVM_ADMIN_PASSWORD": PASSWORD}
        self._process = subprocess.Popen(self._command, env=environment, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._said = self._process.stdout

    def ready(self) -> None:
        """Return when it has said where it is."""
        assert select.select([self._said], [], [], PATIENCE)[0], "the daemon does not start"
        line = self._said.readline().decode()
        assert line == f"inkvm is at {ORIGIN}/\n", f"{line!r}, exit status {self._process.poll()}"

    def kill(self) -> None:
        """End it without warning."""
        self._process.kill()
        self._process.wait()
        self._said.close()

    def pin(self, cpu: int) -> None:
        """Its event loop runs on this processor alone from now on."""
        os.sched_setaffinity(self._process.pid, {cpu})

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        self._process.terminate()
        try:
            return self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._said.close()


class Browser:
    """One session."""

    def __init__(self, cookie: str) -> None:
        self.cookie = cookie

    @classmethod
    async def log_in(cls) -> Browser:
        """As the administrator."""
        form = urllib.parse.urlencode({"user": "admin", "passwd": PASSWORD})
        request = HTTPRequest(
            f"{ORIGIN}/api/auth/login", "POST", {"Origin": ORIGIN}, form, validate_cert=False, request_timeout=PATIENCE
        )
        answer = await AsyncHTTPClient().fetch(request)
        return cls(answer.headers["Set-Cookie"].partition(";")[0])

    async def get(self, path: str) -> HTTPResponse:
        """One answer, whatever its status."""
        return await self._fetch(path, "GET", None, PATIENCE)

    async def say(self, path: str, text: str, patience: float) -> HTTPResponse:
        """Send a text; one answer, whatever its status."""
        return await self._fetch(path, "POST", text, patience)

    async def _fetch(self, path: str, method: str, body: str | None, patience: float) -> HTTPResponse:
        request = self._request(path)
        request.url, request.method, request.body = ORIGIN + path, method, body
        request.request_timeout = patience
        return await AsyncHTTPClient().fetch(request, raise_error=False)

    async def post(self, path: str, **body: object) -> Any:
        """The result of a request that has to succeed."""
        answer = await self._fetch(path, "POST", json.dumps(body), PATIENCE)
        answer.rethrow()
        return json.loads(answer.body)["result"]

    @asynccontextmanager
    async def viewer(self) -> AsyncIterator[Viewer]:
        """The picture."""
        connection = await websocket_connect(self._request("/api/stream"))
        try:
            yield Viewer(connection)
        finally:
            connection.close()

    @asynccontextmanager
    async def control(self) -> AsyncIterator[Control]:
        """Input and state. Its messages are taken as they come: a connection that nobody reads answers no ping either."""
        messages: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        connection = await websocket_connect(self._request("/api/ws"), on_message_callback=messages.put_nowait)
        try:
            yield Control(connection, messages)
        finally:
            connection.close()

    def _request(self, path: str) -> HTTPRequest:
        headers = {"Origin": ORIGIN, "Cookie": self.cookie}
        url = ORIGIN.replace("https", "wss") + path
        return HTTPRequest(url, headers=headers, validate_cert=False, connect_timeout=PATIENCE)


class Control:
    """One client of docs/control-protocol.md."""

    def __init__(self, connection: WebSocketClientConnection, messages: asyncio.Queue[str | bytes | None]) -> None:
        self._connection = connection
        self._messages = messages

    async def send(self, event_type: str, **event: Any) -> None:
        """One event."""
        await self._connection.write_message(json.dumps({"event_type": event_type, "event": event}))

    async def pinged(self) -> None:
        """Return at the daemon's next keep-alive, which this client answers."""
        ping = asyncio.Event()
        self._connection.on_ping = lambda _data: ping.set()  # type: ignore[method-assign,assignment]
        async with asyncio.timeout(PATIENCE):
            await ping.wait()

    async def told(self, event_type: str) -> Any:
        """The next event of a type."""
        async with asyncio.timeout(PATIENCE):
            while message := await self._messages.get():
                decoded = json.loads(message)
                if decoded["event_type"] == event_type:
                    return decoded["event"]
        raise AssertionError(f"the daemon has closed the control socket: {self._connection.close_reason}")

    def noted(self, event_type: str) -> list[Any]:
        """The events of a type that have come so far, and were not asked for before."""
        seen = []
        while not self._messages.empty():
            message = self._messages.get_nowait()
            decoded = json.loads(message) if isinstance(message, str) else {}
            if decoded.get("event_type") == event_type:
                seen.append(decoded["event"])
        return seen

    async def state(self, part: str, **wanted: Any) -> None:
        """Return when the daemon reports these values of one part of the state."""
        async with asyncio.timeout(PATIENCE):
            while not wanted.items() <= (await self.told("state"))[part].items():
                pass


class Viewer:
    """Decodes the stream as docs/stream-protocol.md tells a browser to."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection
        self._decoder = av.CodecContext.create("h264", "r")
        self._decoder.thread_count = 1
        self._shown = -1

    async def picture(self) -> tuple[bool, tuple[int, int], bytes]:
        """The next one: whether it is a key frame, the size, and the decoded luma."""
        message = b""
        async with asyncio.timeout(PATIENCE):
            while message[1:2] != b"\1":  # other kinds are to be ignored
                message = await self._connection.read_message()
                assert isinstance(message, bytes), f"the daemon has closed the stream: {self._connection.close_reason}"
        assert message[0] == 1
        flags = int.from_bytes(message[2:4], "big")
        sequence = int.from_bytes(message[4:8], "big")
        # It starts again with a new mode, and vivid may give two frames one number.
        assert sequence >= self._shown or flags & 1
        self._shown = sequence
        size = (int.from_bytes(message[20:22], "big"), int.from_bytes(message[22:24], "big"))
        frames = self._decoder.decode(av.Packet(message[24:]))
        assert len(frames) == 1, "an access unit is one picture, at once"
        assert (frames[0].width, frames[0].height) == size
        await self._connection.write_message(b"\1\1\0\0" + sequence.to_bytes(4, "big"), binary=True)
        return bool(flags & 1), size, bytes(frames[0].planes[0])
