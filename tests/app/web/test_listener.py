"""Who waits in front of an HTTP server, and how many are let in. On the redirect, which is the smallest of them, and on the set-up's page."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.chance import Chance
from app.web import join, listener, redirect
from app.web.hosts import Hosts
from app.web.join import Join
from app.web.listener import Listener
from app.web.places import MOST, MOST_PLAIN, MOST_PLAIN_EACH
from app.web.redirect import Redirect
from tests.appliance import ROOT

_PATIENCE = 60.0
REQUEST = b"GET / HTTP/1.1\r\nHost: kvm.local\r\n\r\n"


@pytest.fixture(params=["redirect", "join"])
async def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listener]:
    """One that never hangs up because somebody is slow."""
    for module in (redirect, join):
        monkeypatch.setattr(module, "_SLOW", 10 * _PATIENCE)
    nobody: Any = None
    server: Listener = (
        Redirect(Hosts(["kvm.local"], tuple), 443) if request.param == "redirect" else Join(nobody, Chance())
    )
    server.start("127.0.0.1", 0)
    yield server
    await server.stop()


def caller(server: Listener) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.setblocking(False)
    return connection


async def heard(connection: socket.socket) -> bytes:
    """What comes first, and nothing when it is the end."""
    return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(connection, 4096), _PATIENCE)


async def test_those_who_wait_longest_make_room(server: Listener) -> None:
    early = [caller(server) for _ in range(10)]
    late = [caller(server) for _ in range(MOST_PLAIN_EACH)]
    assert [await heard(connection) for connection in early] == [b""] * 10
    late[-1].send(REQUEST)
    assert (await heard(late[-1])).startswith(b"HTTP/1.1 30")
    for connection in (*early, *late):
        connection.close()


@contextmanager
def nothing_to_open() -> Iterator[None]:
    """Every descriptor that the process may have is in use."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    first_free = os.dup(0)
    os.close(first_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (first_free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_without_descriptors_callers_wait_and_the_log_has_one_line(
    server: Listener, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener._Entrance, "_rested", lambda _entrance: None)
    connection = caller(server)
    connection.send(REQUEST)
    with nothing_to_open():
        async with asyncio.timeout(_PATIENCE):
            while not caplog.records:
                await asyncio.sleep(0)
        for _ in range(100):
            await asyncio.sleep(0)
    (record,) = caplog.records
    assert "nobody can be let in" in record.message
    assert record.exc_info is None
    monkeypatch.undo()
    (entrance,) = server._http._sockets.values()
    assert isinstance(entrance, listener._Entrance)
    entrance._rested()
    assert (await heard(connection)).startswith(b"HTTP/1.1 30")
    connection.close()


def test_the_daemon_may_open_as_many_as_there_are_places_for() -> None:
    unit = (ROOT / "rootfs-overlay/usr/lib/systemd/system/inkvm.service").read_text()
    (limit,) = re.findall(r"^LimitNOFILE=(\d+)$", unit, re.MULTILINE)
    assert int(limit) >= 2 * (MOST + 2 * MOST_PLAIN)
