"""A crowd at the door, and a guesser, while somebody watches."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from app.web.places import MOST_EACH
from tests.appliance import PASSWORD, ROOT, USER, Appliance
from tests.client import Client, trusting
from tests.conftest import EFFORT

SLOW = min(500, 100 * EFFORT)
GUESSES = min(1000, 100 * EFFORT)


class Seen(NamedTuple):
    """Frames that came, those between them that did not, and how often the server skipped to a key frame for it."""

    frames: int
    missing: int
    resyncs: int


class Watcher:
    """A viewer in a process of its own."""

    def __init__(self, url: str) -> None:
        command = [sys.executable, "-m", "tests.app.web.watching", url, USER, PASSWORD]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
        assert self._process.stdout is not None
        self._lines = self._process.stdout
        self.sequences: list[int] = []
        self.resyncs = 0
        """How often the server skipped to a key frame because this viewer was served too late. A gap without a key frame
        is the simulated hardware's own: a busy machine draws fewer frames."""

    def more(self, count: int) -> None:
        """Read so many more frames; those that came meanwhile are the first."""
        for _ in range(count):
            line = self._lines.readline()
            assert line, "the picture stopped"
            sequence, key = map(int, line.split())
            self.resyncs += bool(key and self.sequences and sequence != self.sequences[-1] + 1)
            self.sequences.append(sequence)

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()

    def beside_quiet(self) -> tuple[Seen, Seen]:
        """What was seen so far, and what is seen of as many frames now that nothing goes on: a busy machine loses some anyway."""
        disturbed = self._seen()
        self.sequences, self.resyncs = self.sequences[-1:], 0
        self.more(disturbed.frames)
        return disturbed, self._seen()

    def _seen(self) -> Seen:
        span = self.sequences[-1] - self.sequences[0] + 1
        return Seen(len(self.sequences), span - len(self.sequences), self.resyncs)

    def seconds(self, seconds: float) -> None:
        """Read the frames of so long a time, at the target's 30 a second."""
        first = self.sequences[-1]
        while self.sequences[-1] - first < seconds * 30:
            self.more(1)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Appliance]:
    running = Appliance(tmp_path)
    running.start()
    yield running
    running.kill()


@pytest.fixture
def watcher(own: Appliance) -> Iterator[Watcher]:
    watcher = Watcher(own.url)
    watcher.more(10)
    yield watcher
    watcher.stop()


def test_slow_connections_cost_a_viewer_nothing(own: Appliance, watcher: Watcher) -> None:
    """A third says nothing, a third stops in the TLS handshake, a third in a request's header; from eight addresses."""
    host = urlsplit(own.url)
    began = time.monotonic()
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
        watcher.seconds(time.monotonic() - began + 1)
        late = Client(own.url, "127.0.0.9")
        assert late.login(USER, PASSWORD).status == 200
        assert late.request("GET", "/api/info").status == 200
        late.close()
        watcher.more(10)
    crowd, quiet = watcher.beside_quiet()
    print(f"{SLOW} slow connections: {crowd}; as long without: {quiet}")
    assert crowd.resyncs <= quiet.resyncs + 1
    assert crowd.missing <= quiet.missing + crowd.frames / 10


def test_a_guesser_costs_a_viewer_little_and_does_not_keep_the_owner_out(own: Appliance, watcher: Watcher) -> None:
    guesser = Client(own.url, "127.0.0.66")
    began = time.monotonic()
    statuses = [guesser.login(USER, f"wrong {number}").status for number in range(GUESSES)]
    owner = Client(own.url, "127.0.0.7")
    assert owner.login(USER, PASSWORD).status == 200
    watcher.seconds(time.monotonic() - began + 1)
    attacked, quiet = watcher.beside_quiet()
    print(f"{len(statuses)} guesses, {statuses.count(403)} looked at: {attacked}; as long without: {quiet}")
    assert set(statuses) == {403, 429}
    assert statuses.count(403) < 20
    assert attacked.missing <= quiet.missing + attacked.frames / 10
    guesser.close()
    owner.close()


def test_pictures_that_were_watched_once_take_no_place(own: Appliance) -> None:
    client = Client(own.url, "127.0.0.9")
    assert client.login(USER, PASSWORD).status == 200
    for _ in range(MOST_EACH + 5):
        client.socket("/api/stream").close()
    late = Client(own.url, "127.0.0.9")
    assert late.login(USER, PASSWORD).status == 200
    late.close()
    client.close()
