"""One running appliance for the tests that only ask, and clients of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.web.people import People, everybody
from tests.appliance import PASSWORD, USER, Appliance
from tests.client import Client


@pytest.fixture(scope="session")
def appliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    running = Appliance(tmp_path_factory.mktemp("appliance"), module="tests.app.web.doors")
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def people(appliance: Appliance) -> Iterator[People]:
    with everybody(appliance) as people:
        yield people


@pytest.fixture
def stranger(appliance: Appliance) -> Iterator[Client]:
    stranger = Client(appliance.url)
    yield stranger
    stranger.close()


@pytest.fixture
def client(appliance: Appliance) -> Iterator[Client]:
    client = Client(appliance.url)
    assert client.login(USER, PASSWORD).status == 200
    yield client
    client.close()
