"""The daemon with tasks that fail, as its users see it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.appliance import PASSWORD, USER, Appliance
from tests.client import Client


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[Appliance]:
    running = Appliance(tmp_path, module="tests.app.failing")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def client(failing: Appliance) -> Iterator[Client]:
    client = Client(failing.url)
    assert client.login(USER, PASSWORD).status == 200
    yield client
    client.close()


def state_when(client: Client, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    while not condition(state := client.request("GET", "/api/info").result["state"]):
        time.sleep(0.05)
    return state


def test_what_failed_is_said_and_not_known_and_the_rest_works(failing: Appliance, client: Client) -> None:
    state = state_when(client, lambda state: bool(state["health"]["faults"]) and state["time"]["synchronised"] is True)
    assert state["health"]["faults"] == ["temperature watch failed"]
    assert state["health"]["temperature"] is None
    (failing.folder / "broken").touch()
    state = state_when(client, lambda state: len(state["health"]["faults"]) == 2)
    assert state["health"]["faults"] == ["temperature watch failed", "clock watch failed"]
    assert state["time"] == {"synchronised": None}
    assert "Date" not in client.request("GET", "/api/info").headers
    assert client.request("GET", "/api/auth/sessions").status == 200
    (failing.folder / "broken").unlink()
    state = state_when(client, lambda state: len(state["health"]["faults"]) == 1)
    assert state["time"] == {"synchronised": True}
    log = failing.log()
    assert log.count("temperature watch failed, and starts again in 1 s") == 1
    assert log.count("ZeroDivisionError: a sensor of zero degrees") == 1
    assert log.count("RuntimeError: the clock is lost") == 1
