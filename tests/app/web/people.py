"""Accounts of every role on a running appliance, and every other way in: what a test can be somebody by."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from tests.appliance import PASSWORD, USER, Appliance
from tests.client import Client

NAMES = {"viewer": "vera", "operator": "otto", "admin": "anna"}
SECRET = "battery staple"


@dataclass(frozen=True)
class People:
    """Accounts of every role, with a token for every scope."""

    appliance: Appliance
    tokens: dict[str, str]

    def basic(self, role: str) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(f"{NAMES[role]}:{SECRET}".encode()).decode()}

    def kvmd(self, role: str) -> dict[str, str]:
        return {"X-KVMD-User": NAMES[role], "X-KVMD-Passwd": SECRET}

    @contextmanager
    def session(self, role: str) -> Iterator[Client]:
        """Logged in; `guest` is whoever opened a view link of the administrator's."""
        with closing(Client(self.appliance.url)) as client:
            if role == "guest":
                assert client.login(USER, PASSWORD).status == 200
                made = client.send("POST", "/api/auth/links", label="guest", hours=1).result
                assert client.request("POST", "/api/auth/logout").status == 200
                assert client.enter("/api/auth/link", secret=made["url"].partition("=")[2]).status == 200
            else:
                assert client.login(NAMES[role], SECRET).status == 200
            yield client


@contextmanager
def everybody(appliance: Appliance) -> Iterator[People]:
    """They are there, and gone afterwards."""
    admin = Client(appliance.url)
    assert admin.login(USER, PASSWORD).status == 200
    for role, name in NAMES.items():
        admin.send("DELETE", f"/api/accounts/{name}")  # what a test left that was ended
        assert admin.send("POST", "/api/accounts", user=name, passwd=SECRET, role=role).status == 200
    tokens = {
        scope: admin.send("POST", "/api/auth/tokens", name=scope, scopes=[scope]).result["token"]
        for scope in ("view", "hid", "storage", "power", "admin")
    }
    yield People(appliance, tokens)
    assert admin.login(USER, PASSWORD).status == 200  # the tests have pushed the session out
    for name in NAMES.values():
        assert admin.send("DELETE", f"/api/accounts/{name}").status == 200
    for each in admin.request("GET", "/api/auth/tokens").result:
        assert admin.request("DELETE", f"/api/auth/tokens/{each['id']}").status == 200
    for each in admin.request("GET", "/api/auth/links").result:
        assert admin.request("DELETE", f"/api/auth/links/{each['id']}").status == 200
    admin.close()
