"""A crowd at the door, and a guesser, while somebody watches."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.appliance import PASSWORD, USER, Appliance
from tests.client import HEADER, REPLY, Client, trusting
from tests.conftest import EFFORT

SLOW = min(500, 100 * EFFORT)
GUESSES = min(1000, 100 * EFFORT)


class Watcher:
    """Watches on a thread of its own, acknowledging what it gets."""

    def __init__(self, client: Client) -> None:
        self._socket = client.socket("/api/stream")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.sequences: list[int] = []
        self.resyncs = 0
        """How often the server skipped to a key frame because this viewer was served too late. A gap without a key frame
        is the simulated hardware's own: a busy machine draws fewer frames."""
        self.seen = threading.Condition()
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.is_set():
            message = self._socket.recv()
            assert isinstance(message, bytes)
            _version, _kind, flags, sequence, *_rest = HEADER.unpack_from(message)
            self._socket.send(REPLY.pack(1, 1, 0, sequence))
            with self.seen:
                self.resyncs += bool(flags & 1 and self.sequences and sequence != self.sequences[-1] + 1)
                self.sequences.append(sequence)
                self.seen.notify_all()

    def more(self, count: int) -> None:
        """Wait for so many more frames."""
        with self.seen:
            wanted = len(self.sequences) + count
            assert self.seen.wait_for(lambda: len(self.sequences) >= wanted, timeout=60), "the picture stopped"

    def stop(self) -> list[int]:
        self._stop.set()
        self._thread.join()
        return self.sequences

    def missing(self) -> int:
        """Frames that were skipped between the first and the last one seen."""
        return self.sequences[-1] - self.sequences[0] + 1 - len(self.sequences)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Appliance]:
    running = Appliance(tmp_path)
    running.start()
    yield running
    running.kill()


@pytest.fixture
def watcher(own: Appliance) -> Iterator[Watcher]:
    client = Client(own.url, "127.0.0.1")
    assert client.login(USER, PASSWORD).status == 200
    watcher = Watcher(client)
    watcher.more(10)
    yield watcher
    watcher.stop()
    client.close()


def test_slow_connections_cost_a_viewer_nothing(own: Appliance, watcher: Watcher) -> None:
    """A third says nothing, a third stops in the TLS handshake, a third in a request's header; from eight addresses."""
    host = urlsplit(own.url)
    with ExitStack() as stack:
        for number in range(SLOW):
            plain = stack.enter_context(socket.create_connection(
                (host.hostname, host.port), source_address=(f"127.0.1.{number % 8 + 1}", 0)
            ))  # fmt: skip
            if number % 3 == 1:
                plain.sendall(bytes.fromhex("160301"))
            elif number % 3 == 2:
                try:
                    tls = stack.enter_context(trusting().wrap_socket(plain))
                    tls.sendall(b"POST /api/auth/login HTTP/1.1\r\nHost: ")
                except (ssl.SSLError, OSError):
                    continue  # hung up on already, which is the point
        watcher.more(30)
        late = Client(own.url, "127.0.0.9")
        assert late.login(USER, PASSWORD).status == 200
        assert late.request("GET", "/api/info").status == 200
        late.close()
        watcher.more(10)
    assert watcher.resyncs == 0
    assert watcher.missing() <= len(watcher.sequences) / 10


def test_a_guesser_costs_a_viewer_little_and_does_not_keep_the_owner_out(own: Appliance, watcher: Watcher) -> None:
    guesser = Client(own.url, "127.0.0.66")
    statuses = [guesser.login(USER, f"wrong {number}").status for number in range(GUESSES)]
    owner = Client(own.url, "127.0.0.7")
    assert owner.login(USER, PASSWORD).status == 200
    watcher.more(10)
    assert set(statuses) == {403, 429}
    assert statuses.count(403) < 20
    assert watcher.missing() <= len(watcher.sequences) / 10
    guesser.close()
    owner.close()
