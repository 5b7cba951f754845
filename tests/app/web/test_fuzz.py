"""Whatever is sent, the answer is no 500 and no traceback, and the next one who asks properly is served."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from app.web import events
from tests.app.web.test_door import NEEDS, PUBLIC, path_of
from tests.appliance import PASSWORD, USER, Appliance
from tests.client import Client, trusting
from tests.conftest import EFFORT

BATCH = 25
REQUESTS = 5000 * EFFORT
MESSAGES = 500 * EFFORT

PATHS = sorted(path_of(rule) for rule in {*NEEDS, *PUBLIC})
METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "FOO", ""]
HARD = [10**400, "9" * 5000, "\ud800"]
"""More than a float holds, more digits than Python reads, and what no encoding has: each passes for what it is not."""
BODIES_THAT_ARE_GOOD: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/api/auth/claim", {"code": "AAAAA-AAAAA", "user": "eve", "passwd": "battery staple"}),
    ("POST", "/api/auth/link", {"secret": "x"}),
    ("POST", "/api/auth/tokens", {"name": "x", "scopes": ["view"]}),
    ("POST", "/api/auth/links", {"label": "x", "hours": 1}),
    ("POST", "/api/auth/password", {"new": "battery staple", "passwd": PASSWORD}),
    ("POST", "/api/auth/totp", {"passwd": PASSWORD}),
    ("PUT", "/api/auth/totp", {"secret": "A" * 32, "code": "000000", "passwd": PASSWORD}),
    ("DELETE", "/api/auth/totp", {"passwd": PASSWORD}),
    ("POST", "/api/accounts", {"user": "eve", "passwd": "battery staple", "role": "viewer"}),
    ("PUT", "/api/accounts/bob", {"role": "admin", "passwd": "battery staple", "totp": False}),
    ("PUT", "/api/tls/certificate", {"chain": "x", "key": "x"}),
    ("POST", "/api/hid/shortcuts", {"name": "x", "keys": ["KeyX"]}),
    ("PUT", "/api/streamer/edid", {"preset": "720p60"}),
    ("PUT", "/api/streamer/edid", {"edid": "00"}),
    ("POST", "/api/usb/profile", {"extras": []}),
    ("POST", "/api/network/join", {"ssid": "73", "passphrase": "battery staple", "hidden": False}),
    ("POST", "/api/network/address", {"link": "x", "address": "192.0.2.9/24", "gateway": "192.0.2.1", "dns": []}),
    ("POST", "/api/network/name", {"name": "attic"}),
]
"""Every field that a body can have, the password that is asked for again last: its wrong ones count."""
QUERIES_THAT_ARE_GOOD: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/api/streamer/snapshot", {"format": "png", "allow_offline": 1, "preview": 1, "preview_max_width": 64,
                                       "preview_max_height": 64, "preview_quality": 1}),
    ("POST", "/api/streamer/set_params", {"h264_bitrate": 0}),
    ("POST", "/api/hid/set_params", {"jiggler": 0}),
    ("POST", "/api/hid/events/send_key", {"key": "ShiftLeft", "state": 0, "finish": 0}),
    ("POST", "/api/hid/events/send_shortcut", {"keys": "ShiftLeft"}),
    ("POST", "/api/hid/events/send_mouse_button", {"button": "left", "state": 0}),
    ("POST", "/api/hid/events/send_mouse_move", {"to_x": 0, "to_y": 0}),
    ("POST", "/api/hid/events/send_mouse_relative", {"delta_x": 0, "delta_y": 0}),
    ("POST", "/api/hid/events/send_mouse_wheel", {"delta_x": 0, "delta_y": 0}),
    ("POST", "/api/hid/print", {"keymap": "en-us", "limit": 1, "slow": 0, "delay": 0, "skip": 1}),
]  # fmt: skip
"""Every parameter that a query can have."""
NAMES = sorted({"x", *(name for _, _, body in BODIES_THAT_ARE_GOOD for name in body)})
PARAMETERS = sorted({"x", "show", *(name for _, _, asked in QUERIES_THAT_ARE_GOOD for name in asked)})

PIECES = ["", "x", USER, "viewer", "admin", "view", "ü", "\\ud800", "\0", "../", "%00", "{", "a" * 200, *HARD[1:]]
BODIES = [
    b"",
    b"[]",
    b"null",
    b"{",
    b'"',
    b"[" * 5000,
    b"user=a&passwd=b",
    b"user=%ff%fe&passwd=%00",
    b"\xff\xfe{}",
    b"{}" * 900,
]
ODD_PATHS = ["*", "", "//", "/ui/" + "../" * 9 + "etc/passwd", "/ui/%00", "/api/accounts/%2e%2e", "/" + "a" * 9000,
             "https://evil.example/api/info", "/api/auth/check?" + "a=b&" * 500]  # fmt: skip
HEADERS = [b"Host", b"Origin", b"Cookie", b"Authorization", b"X-KVMD-User", b"X-KVMD-Passwd", b"Content-Type", b"Content-Length",
           b"Transfer-Encoding", b"Content-Encoding", b"Upgrade", b"Connection", b"Expect", b"Sec-WebSocket-Version",
           b"Sec-WebSocket-Key", b"Sec-WebSocket-Extensions", b"User-Agent", b"Range", b"If-None-Match", b"If-Modified-Since",
           b"X-Forwarded-For", b"X-Real-Ip", b"\xff", b""]  # fmt: skip
VALUES = [b"", b"0", b"-1", b"99999999999999999999", b"chunked", b"gzip", b"websocket", b"Upgrade", b"13", b"bytes=0-", b"bytes=-1",
          b"multipart/form-data; boundary=", b"multipart/form-data; boundary=x", b"application/json", b"100-continue", b"null",
          b"application/x-www-form-urlencoded", b"Basic ", b"Basic Og==", b"Bearer ", b"Basic \xff", b'auth_token="\\',
          b"auth_token=\xff; auth_token=b"]  # fmt: skip
EVENTS = [*events.INPUT, "control", "ping", "x"]
FIELDS = ["key", "state", "finish", "keys", "buttons", "at", "to", "delta", "button", "action", "client", "x", "y"]
# The source of chance is hypothesis's, so that a failure comes again; drawing each byte from it would take the day.
chance = st.randoms(use_true_random=True)
Request = tuple[str, str, list[tuple[bytes, bytes]], bytes, bool]


def value(random: Random, depth: int = 0) -> Any:
    """Something that JSON can say."""
    kind = random.randrange(8 if depth < 3 else 6)
    if kind == 6:
        return [value(random, depth + 1) for _ in range(random.randrange(4))]
    if kind == 7:
        return {random.choice(NAMES + FIELDS): value(random, depth + 1) for _ in range(random.randrange(4))}
    number = random.choice([0, -1, 1, 40000, 1 << 70, float("inf"), float("nan"), HARD[0]])
    return [None, random.random() < 0.5, number, random.random(), random.choice(PIECES), random.choice(NAMES + FIELDS)][
        kind
    ]


def junk(random: Random) -> bytes:
    """Bytes."""
    return random.randbytes(random.randrange(60))


def asked(parameters: Mapping[str, object]) -> str:
    """What stands behind a path."""
    return "?" + urlencode(parameters, errors="surrogatepass")


def request(random: Random) -> Request:
    """Something like a request."""
    path = random.choice(PATHS)
    shape = random.randrange(7)
    if shape == 0:
        path = random.choice(ODD_PATHS)
    elif shape == 1:
        path += "".join(random.choices("/.%?&=#;aA0\\", k=random.randrange(9)))
    elif shape == 2:
        path = "/" + "".join(map(chr, random.choices(range(33, 256), k=random.randrange(40))))
    elif shape == 3:
        path += asked({random.choice(PARAMETERS): random.choice([*PIECES, *HARD]) for _ in range(random.randrange(3))})
    headers = []
    for _ in range(random.choice([0, 0, 1, 2, 4])):
        content = random.choice(VALUES) if random.random() < 0.7 else junk(random).translate(None, b"\r\n")
        headers.append((random.choice(HEADERS), content))
    body = random.choice(BODIES) if random.random() < 0.3 else junk(random)
    if random.random() < 0.6:
        body = json.dumps({random.choice(NAMES): value(random) for _ in range(random.randrange(6))}).encode()
    return random.choice(METHODS), path, headers, body, random.random() < 0.6


def message(random: Random) -> str | bytes:
    """Something like an event."""
    shape = random.randrange(5)
    if shape == 0:
        return random.choice([b"", bytes([random.randrange(7)])]) + junk(random)
    if shape == 1:
        return random.choice(["[" * 50_000, "{}", '{"event_type":"key","event":{"key":"KeyA","state":1e999}}', "\0"])
    event = value(random) if shape == 2 else {random.choice(FIELDS): value(random) for _ in range(3)}
    return json.dumps({"event_type": random.choice(EVENTS), "event": event})


_LENGTHS = {b"content-length", b"transfer-encoding", b"expect"}


class Sender:
    """Puts bytes on a TLS connection, and makes a new one when the last was closed."""

    def __init__(self, url: str, token: str) -> None:
        self._host = urlsplit(url)
        self._token = token
        self._tls: ssl.SSLSocket | None = None
        self._context = trusting()
        self.sent = 0

    def send(self, method: str, path: str, added: list[tuple[bytes, bytes]], body: bytes, known: bool) -> None:
        """One request; the answer, if there is one, must be one that we meant to give."""
        named = {name.lower() for name, _ in added}
        head = [f"{method} {path} HTTP/1.1".encode("latin-1")]
        if b"host" not in named:
            head.append(f"Host: {self._host.netloc}".encode())
        if known and b"authorization" not in named:
            head += [f"Authorization: Bearer {self._token}".encode(), f"Origin: https://{self._host.netloc}".encode()]
        if b"content-length" not in named and b"transfer-encoding" not in named:
            head.append(f"Content-Length: {len(body)}".encode())
        head += [name + b": " + value for name, value in added]
        # Where the length is a lie the server may wait for more: what it did then shows in its log.
        self._exchange(b"\r\n".join(head) + b"\r\n\r\n" + body, answered=not named & _LENGTHS)
        self.sent += 1

    def _exchange(self, message: bytes, *, answered: bool) -> None:
        try:
            tls = self._connected()
            tls.sendall(message)
            answer = tls.recv(65536) if answered else b""
        except (OSError, ssl.SSLError):
            answer = b""
        if not answer.startswith(b"HTTP/1.1 "):
            assert answer == b""
            self.close()
            return
        status = int(answer[9:12])
        assert status != 500, (message, answer)
        assert b"Traceback" not in answer
        assert b'File "' not in answer
        if status in {101, 304} or len(answer) > 4000 or b"\r\n\r\n" not in answer or status == 400:
            self.close()  # a socket, or a long answer of which the rest is not of interest

    def _connected(self) -> ssl.SSLSocket:
        if self._tls is None:
            plain = socket.create_connection((self._host.hostname, self._host.port), timeout=5)
            self._tls = self._context.wrap_socket(plain)
        return self._tls

    def close(self) -> None:
        if self._tls is not None:
            self._tls.close()
            self._tls = None


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    running = Appliance(tmp_path_factory.mktemp("fuzz"))
    running.start()
    yield running
    log = Path(running.folder / "log").read_text()
    running.kill()
    assert "Traceback" not in log, log[-4000:]


@pytest.fixture(scope="module")
def sender(own: Appliance) -> Iterator[Sender]:
    client = Client(own.url)
    assert client.login(USER, PASSWORD).status == 200
    token = client.send("POST", "/api/auth/tokens", name="fuzz", scopes=["admin"]).result["token"]
    client.close()
    sender = Sender(own.url, token)
    yield sender
    sender.close()
    print(f"{sender.sent} requests")


def serves(own: Appliance) -> None:
    """Somebody who asks properly gets in."""
    client = Client(own.url, "127.0.0.40")
    assert client.login(USER, PASSWORD).status == 200
    assert client.request("GET", "/api/info").status == 200
    client.close()


def test_requests(own: Appliance, sender: Sender) -> None:
    @settings(max_examples=REQUESTS // BATCH, suppress_health_check=list(HealthCheck))
    @given(chance)
    def fuzz(random: Random) -> None:
        for _ in range(BATCH):
            sender.send(*request(random))

    fuzz()
    assert sender.sent >= REQUESTS * 9 // 10
    serves(own)


@pytest.fixture(scope="module")
def admin(own: Appliance) -> Iterator[Client]:
    client = Client(own.url, "127.0.0.42")
    assert client.login(USER, PASSWORD).status == 200
    assert client.send("POST", "/api/accounts", user="bob", passwd="battery staple", role="viewer").status == 200
    yield client
    client.close()


@pytest.mark.parametrize(("method", "path", "good"), BODIES_THAT_ARE_GOOD)
def test_no_field_takes_what_is_no_value_of_it(admin: Client, method: str, path: str, good: dict[str, Any]) -> None:
    assert admin.login(USER, PASSWORD).status == 200
    for name in good:
        for hard in (*HARD, [HARD], {"x": HARD}):
            answer = admin.send(method, path, **{**good, name: hard})
            # 503 is the simulation's, which has no network: whether a network is hidden is all that it does not look at before.
            assert 400 <= answer.status < 500 or (answer.status, name) in {(503, "hidden"), (503, "link")}, (name, hard)
            assert answer.result["error_msg"]


@pytest.mark.parametrize(("method", "path", "good"), QUERIES_THAT_ARE_GOOD)
def test_no_parameter_takes_what_is_no_value_of_it(admin: Client, method: str, path: str, good: dict[str, Any]) -> None:
    assert admin.login(USER, PASSWORD).status == 200
    for name in good:
        for hard in HARD:
            answer = admin.request(method, path + asked({**good, name: hard}), b"x" if method == "POST" else None)
            assert answer.status == 400, (name, hard)
            assert answer.result["error_msg"]


@pytest.mark.parametrize("path", ["/api/ws", "/api/stream"])
def test_messages(own: Appliance, path: str) -> None:
    client = Client(own.url, "127.0.0.41")
    assert client.login(USER, PASSWORD).status == 200
    opened = [client.socket(path)]

    @settings(max_examples=MESSAGES // BATCH, suppress_health_check=list(HealthCheck))
    @given(chance)
    def fuzz(random: Random) -> None:
        for _ in range(BATCH):
            try:
                opened[-1].send(message(random))
            except ConnectionClosed:
                opened[-1] = client.socket(path)

    fuzz()
    client.close()
    serves(own)
