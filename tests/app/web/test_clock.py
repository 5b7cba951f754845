"""A device that does not know what time it is shows no date anywhere."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest

from tests.appliance import PASSWORD, USER, Appliance
from tests.client import Client
from tests.patience import tries


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """Its clock can be told to be right: by a file."""
    folder = tmp_path_factory.mktemp("lost")
    running = Appliance(folder, "--synchronised", str(folder / "synchronised"))
    running.start()
    yield running
    running.kill()


@pytest.fixture
def client(lost: Appliance) -> Iterator[Client]:
    (lost.folder / "synchronised").unlink(missing_ok=True)
    client = Client(lost.url)
    assert client.login(USER, PASSWORD).status == 200
    yield client
    client.close()


def synchronise(lost: Appliance, client: Client, known: bool) -> None:
    (lost.folder / "synchronised").touch() if known else (lost.folder / "synchronised").unlink(missing_ok=True)
    for _ in tries(f"time that is {'known' if known else 'unknown'}"):
        if client.request("GET", "/api/info").result["state"]["time"] == {"synchronised": known}:
            return
        time.sleep(0.05)


def dates(content: object) -> Iterator[float]:
    """Every number that could be a date of this age, in whatever an answer holds."""
    if isinstance(content, dict | list):
        for each in content.values() if isinstance(content, dict) else content:
            yield from dates(each)
    elif isinstance(content, int | float) and content > 1_000_000_000:
        yield content


EVERYWHERE = [
    "/", "/ui/main.js", "/favicon.ico", "/nothing", "/api/nothing", "/api/info", "/api/audit", "/api/panel", "/api/panel.png",
    "/api/auth/check", "/api/auth/sessions", "/api/auth/tokens", "/api/auth/links", "/api/auth/totp", "/api/accounts",
    "/api/tls/certificate", "/api/tls/authority", "/api/hid", "/api/streamer/edid", "/api/streamer/snapshot",
]  # fmt: skip


def test_no_answer_holds_a_date_before_the_time_is_known(lost: Appliance, client: Client) -> None:
    synchronise(lost, client, known=False)
    body = {"label": "the plumber", "hours": 2}
    link = client.request("POST", "/api/auth/links", json.dumps(body)).result
    assert link["until"] is None
    assert client.request("POST", "/api/auth/tokens", json.dumps({"name": "x", "scopes": ["view"]})).status == 200
    (lost.panel / "panel.png").write_bytes(b"the picture")
    (lost.panel / "panel.json").write_text(json.dumps({"as_of": "boot 3 + 1 min", "drawn": 1.0}))
    for path in EVERYWHERE:
        answer = client.request("GET", path)
        assert "Date" not in answer.headers, path
        assert path in {"/", "/ui/main.js", "/favicon.ico"} or "Last-Modified" not in answer.headers, path
        if answer.headers.get("Content-Type", "").startswith("application/json"):
            assert list(dates(json.loads(answer.body))) == [], path
    entries = client.request("GET", "/api/audit").result
    assert {entry["time"] for entry in entries if entry["event"] == "link issued"} == {None}
    (shown,) = [each for each in client.request("GET", "/api/auth/links").result if each["id"] == link["id"]]
    assert shown["until"] is None
    assert 7000 < shown["left"] <= 7200


def test_what_was_made_before_gets_no_date_afterwards(lost: Appliance, client: Client) -> None:
    synchronise(lost, client, known=False)
    client.request("POST", "/api/auth/tokens", json.dumps({"name": "before", "scopes": ["view"]}))
    synchronise(lost, client, known=True)
    client.request("POST", "/api/auth/tokens", json.dumps({"name": "after", "scopes": ["view"]}))
    made = {each["name"]: each["made"] for each in client.request("GET", "/api/auth/tokens").result}
    assert made["before"] is None
    assert abs(made["after"] - time.time()) < 3600
    noted = {entry["name"]: entry["time"] for entry in client.request("GET", "/api/audit").result if "scopes" in entry}
    assert noted["before"] is None
    assert noted["after"] is not None


def test_the_panels_picture_has_the_date_that_it_was_really_drawn_at(lost: Appliance, client: Client) -> None:
    """By the time since the start: the file has that of a clock which had not been set."""
    synchronise(lost, client, known=True)
    (lost.panel / "panel.png").write_bytes(b"the picture")
    drawn = time.clock_gettime(time.CLOCK_BOOTTIME) - 7200
    (lost.panel / "panel.json").write_text(json.dumps({"page": "Ready", "as_of": "boot 3 + 1 min", "drawn": drawn}))
    answer = client.request("GET", "/api/panel.png")
    age = datetime.datetime.now(datetime.UTC) - parsedate_to_datetime(answer.headers["Last-Modified"])
    assert 7190 < age.total_seconds() < 7190 + 3600
    assert "Date" in answer.headers
