"""A card that takes nothing: whoever asks for a change is told so in words, and nothing has changed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from app.auth import totp
from app.chance import Chance
from tests.app.web.test_tls import CA, LEAF, key_pem, pem
from tests.appliance import Appliance
from tests.client import Answer, Client

PASSWORD = "battery staple"
KEPT = ["access/accounts.json", "access/claim.json", "access/links.json", "access/tokens.json", "edid.bin", "shortcuts.json",
        "tls/.trial.pem"]  # fmt: skip
"""Below the state folder: what is written by the changes below."""
SECRET = totp.new_secret(Chance())
MADE = {"accounts": "user", "auth/tokens": "id", "auth/links": "id", "hid/shortcuts": "name"}
"""What there is one of before the card is full, and what it is called by."""


@dataclass(frozen=True)
class Full:
    """A running appliance whose card is full at times."""

    appliance: Appliance

    @contextmanager
    def card(self) -> Iterator[None]:
        """Full. Root may write anywhere: something is in the way where the draft of each file would be."""
        state = self.appliance.folder / "state"
        ways = [(state / name).parent / f".{(state / name).name}.new" for name in KEPT]
        for each in ways:
            each.mkdir()
        yield
        for each in ways:
            each.rmdir()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    running = Appliance(tmp_path_factory.mktemp("full"), "--unclaimed")
    running.start()
    yield Full(running)
    running.kill()
    assert "Traceback" not in running.log(), running.log()[-4000:]


@pytest.fixture(scope="module")
def owner(full: Full) -> Iterator[Client]:
    """Who claimed the device as soon as the card took it."""
    owner = Client(full.appliance.url)
    (kept,) = json.loads((full.appliance.folder / "state" / "access" / "claim.json").read_text())
    claim = {"code": kept["code"], "user": "ann", "passwd": PASSWORD}
    with full.card():
        refused(owner.enter("/api/auth/claim", **claim))
    assert owner.enter("/api/auth/claim", **claim).status == 200
    assert owner.send("POST", "/api/accounts", user="bob", passwd=PASSWORD, role="viewer").status == 200
    assert owner.send("POST", "/api/auth/tokens", name="t", scopes=["view"]).status == 200
    assert owner.send("POST", "/api/auth/links", label="l", hours=1).status == 200
    assert owner.send("POST", "/api/hid/shortcuts", name="s", keys=["KeyS"]).status == 200
    yield owner
    owner.close()


def refused(answer: Answer) -> None:
    assert (answer.status, answer.result["error"]) == (503, "Unavailable")
    assert answer.result["error_msg"].startswith("the change cannot be kept: ")


def lists(owner: Client) -> dict[str, Any]:
    """All that there is."""
    paths = [*MADE, "auth/totp", "tls/certificate", "streamer/edid"]
    shown = {path: owner.request("GET", f"/api/{path}").result for path in paths}
    for each in shown["auth/links"]:
        del each["left"]
    return shown


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "accounts", {"user": "eve", "passwd": PASSWORD, "role": "viewer"}),
        ("PUT", "accounts/bob", {"role": "admin"}),
        ("POST", "auth/password", {"passwd": PASSWORD, "new": "a good new one"}),
        ("PUT", "auth/totp", {"passwd": PASSWORD, "secret": SECRET}),
        ("POST", "auth/tokens", {"name": "u", "scopes": ["view"]}),
        ("POST", "auth/links", {"label": "m", "hours": 1}),
        ("POST", "hid/shortcuts", {"name": "t", "keys": ["KeyT"]}),
        ("PUT", "streamer/edid", {"preset": "1080p50"}),
        ("PUT", "tls/certificate", {"chain": pem(LEAF[0], CA[0]), "key": key_pem(LEAF[1])}),
    ],
)
def test_nothing_is_changed_and_nobody_is_left_without_words(
    full: Full, owner: Client, method: str, path: str, body: dict[str, object]
) -> None:
    before = lists(owner)
    if "secret" in body:
        body = {**body, "code": totp.code(SECRET, int(time.time()) // totp.PERIOD)}
    with full.card():
        refused(owner.send(method, f"/api/{path}", **body))
    assert lists(owner) == before
    assert owner.login("ann", PASSWORD).status == 200


@pytest.mark.parametrize("path", MADE)
def test_nothing_is_forgotten(full: Full, owner: Client, path: str) -> None:
    before = lists(owner)
    name = before[path][-1][MADE[path]]
    with full.card():
        refused(owner.request("DELETE", f"/api/{path}/{name}"))
    assert lists(owner) == before
