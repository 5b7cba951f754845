"""A crowd at the door, and a guesser, while somebody watches."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close

from app.stream.pacer import BOUND
from app.web.places import MOST_EACH
from tests.app.stream.test_hostile import hostile
from tests.appliance import PASSWORD, ROOT, USER, Appliance
from tests.client import HEADER, REPLY, Client, trusting
from tests.conftest import EFFORT

SLOW = min(500, 100 * EFFORT)
GUESSES = min(1000, 100 * EFFORT)
ONE_SKIP = 30
"""Frames: a key frame is asked for at most twice a second, and the target draws 30."""
LATE = BOUND / 1e6
"""Seconds: a machine that keeps the server waiting for less makes no frame too old."""
HOSTILE = 2_000 * EFFORT
BATCH = 100
PONG = 3


class Watcher:
    """A viewer in a process of its own."""

    def __init__(self, url: str) -> None:
        command = [sys.executable, "-m", "tests.app.web.watching", url, USER, PASSWORD]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
        assert self._process.stdout is not None
        self._lines = self._process.stdout
        self.sequences: list[int] = []

    def more(self, count: int) -> None:
        """Read so many more frames; those that came meanwhile are the first."""
        for _ in range(count):
            line = self._lines.readline()
            assert line, "the picture stopped"
            self.sequences.append(int(line))

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()

    def cost(self, client: Client) -> str:
        """What it went through, in words, once the server has looked at it anew; it must have skipped at most once for it.

        What counts is what the server says that it did not send this viewer. A gap in the sequence may as well be the simulated
        hardware's own, which draws fewer frames on a busy machine.
        """
        self.more(60)
        (each,) = client.request("GET", "/api/info").result["state"]["viewers"]["each"]
        skipped = each["late"] + each["full"] + each["waiting"]
        assert skipped <= ONE_SKIP, each
        span = self.sequences[-1] - self.sequences[0] + 1
        return f"{span - len(self.sequences)} of {span} frames missing, {skipped} of them skipped by the server"

    def losses(self, running: Appliance) -> tuple[set[int], set[int]]:
        """Frames between its first and its last one that the server did not send it, and all that the hub had; what was sent has arrived."""
        notes = [line.split() for line in (running.folder / "frames").read_text().splitlines()]
        sent = [int(sequence) for what, sequence in notes if what == "sent"]
        assert self.sequences == sent[: len(self.sequences)]
        span = range(self.sequences[0], self.sequences[-1])
        published = {int(sequence) for what, sequence in notes if what == "published" and int(sequence) in span}
        return published - set(sent), published

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
def witnessed(tmp_path: Path) -> Iterator[Appliance]:
    """It notes what its hub publishes and sends."""
    running = Appliance(tmp_path, module="tests.app.web.published")
    running.start()
    yield running
    running.kill()


@contextmanager
def watching(running: Appliance) -> Iterator[Watcher]:
    watcher = Watcher(running.url)
    watcher.more(10)
    yield watcher
    watcher.stop()


@pytest.fixture
def watcher(own: Appliance) -> Iterator[Watcher]:
    with watching(own) as watcher:
        yield watcher


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
        print(f"{SLOW} slow connections: {watcher.cost(late)}")
        late.close()


def test_a_guest_who_comes_from_everywhere_keeps_nobody_out(own: Appliance) -> None:
    """With one view link, from five addresses, and with as many connections as each of them gets."""
    owner, guest = Client(own.url, "127.0.0.9"), Client(own.url, "127.0.0.10")
    assert owner.login(USER, PASSWORD).status == 200
    made = owner.send("POST", "/api/auth/links", label="x", hours=1).result
    owner.close()
    assert guest.enter("/api/auth/link", secret=made["url"].partition("=")[2]).status == 200
    with ExitStack() as stack:
        for number in range(5 * MOST_EACH):
            source = f"127.0.2.{number % 5 + 1}", 0
            each = HTTPSConnection(guest.host, context=trusting(), timeout=60, source_address=source)
            stack.callback(each.close)
            each.request("GET", "/api/auth/check", headers={"Cookie": guest.cookie or ""})
            assert each.getresponse().read()
        late = Client(own.url, "127.0.0.9")
        assert late.login(USER, PASSWORD).status == 200
        late.socket("/api/ws").close()
        late.close()
    guest.close()


def test_a_guesser_costs_a_viewer_little_and_does_not_keep_the_owner_out(own: Appliance, watcher: Watcher) -> None:
    guesser = Client(own.url, "127.0.0.66")
    began = time.monotonic()
    statuses = [guesser.login(USER, f"wrong {number}").status for number in range(GUESSES)]
    owner = Client(own.url, "127.0.0.7")
    assert owner.login(USER, PASSWORD).status == 200
    watcher.seconds(time.monotonic() - began + 1)
    print(f"{len(statuses)} guesses, {statuses.count(403)} looked at: {watcher.cost(owner)}")
    assert set(statuses) == {403, 429}
    assert statuses.count(403) < 20
    guesser.close()
    owner.close()


@pytest.fixture
def witness(witnessed: Appliance) -> Iterator[Watcher]:
    """Its first viewer."""
    with watching(witnessed) as watcher:
        yield watcher


def test_hostile_viewers_leave_a_viewer_its_picture(witnessed: Appliance, witness: Watcher) -> None:
    """On real sockets, each until it is closed for what it said: 40 000 messages in the soak.

    The encoder makes fewer frames beside them: each needs key frames, and the simulated board's encoder is this machine's
    processor. Of those that it makes the viewer is sent every one.
    """
    client = Client(witnessed.url, "127.0.0.67")
    assert client.login(USER, PASSWORD).status == 200
    began, waited = time.monotonic(), witnessed.kept_waiting()
    ends: list[Close | None] = []
    said = 0

    @settings(max_examples=HOSTILE // BATCH, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=True))
    def fuzz(chance: Random) -> None:
        nonlocal said
        bad = client.socket("/api/stream")
        try:
            for _ in range(BATCH):
                bad.send(hostile(chance, chance.randrange(300), spoilt=0.01))
                said += 1
            bad.send(REPLY.pack(1, 3, 0, 0xFACE))
            while HEADER.unpack_from(bad.recv())[1:4:2] != (PONG, 0xFACE):  # type: ignore[arg-type]
                pass
        except ConnectionClosed as end:
            ends.append(end.rcvd)
        bad.close()
        client.forget(bad)

    fuzz()
    witness.seconds(time.monotonic() - began + 1)
    waited = witnessed.kept_waiting() - waited
    lost, published = witness.losses(witnessed)
    print(
        f"{said} hostile messages, {len(ends)} connections closed for what they said, {len(lost)} of {len(published)} frames beside them "
        f"lost; the machine kept the server waiting for {waited:.1f} s"
    )
    assert not lost or (waited > LATE and len(lost) < len(published) / 5), sorted(lost)
    assert ends
    assert all(end is not None and end.code == 1002 and "expected" in end.reason for end in ends)
    assert witness.sequences == sorted(set(witness.sequences))
    assert "Traceback" not in witnessed.log()
    client.close()


def test_pictures_that_were_watched_once_take_no_place(own: Appliance) -> None:
    client = Client(own.url, "127.0.0.9")
    assert client.login(USER, PASSWORD).status == 200
    for _ in range(MOST_EACH + 5):
        client.socket("/api/stream").close()
    late = Client(own.url, "127.0.0.9")
    assert late.login(USER, PASSWORD).status == 200
    late.close()
    client.close()
