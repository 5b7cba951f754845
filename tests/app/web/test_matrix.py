"""Every route and socket, by everybody who has a session, from a foreign page and under a foreign name; and with what was worth something once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from websockets.exceptions import InvalidStatus

from app.auth.roles import ROLES
from tests.app.web.people import NAMES, SECRET, People
from tests.app.web.test_door import CALLS, EVIL, NEEDS, SOCKETS, let_in, path_of
from tests.appliance import PASSWORD, USER, Appliance
from tests.client import Client

EVERY = [*CALLS, *((path, "GET") for path in SOCKETS)]
UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip
SESSIONS = [*ROLES, "guest"]


@pytest.fixture(scope="module")
def sessions(people: People) -> Iterator[dict[str, Client]]:
    with ExitStack() as stack:
        yield {role: stack.enter_context(people.session(role)) for role in SESSIONS}


def asked(client: Client, rule: str, method: str, **headers: str | None) -> int:
    """The status; a socket is asked for as one, from our own page unless the headers say otherwise."""
    upgrade = {**UPGRADE, "Origin": client.origin} if rule in SOCKETS else {}
    return client.request(method, path_of(rule), None if rule in SOCKETS else "{}", {**upgrade, **headers}).status


def may(role: str, rule: str) -> bool:
    least, scope = NEEDS[rule]
    if role == "guest":
        return least == "viewer" and scope in {"view", None}
    return ROLES.index(role) >= ROLES.index(least)  # type: ignore[arg-type]


@pytest.mark.parametrize(("rule", "method"), [call for call in CALLS if call[0] != "/api/auth/logout"])
def test_each_session_may_what_its_role_may(sessions: dict[str, Client], rule: str, method: str) -> None:
    for role, client in sessions.items():
        status = asked(client, rule, method)
        assert let_in(status) == may(role, rule), (role, status)


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("role", SESSIONS)
def test_each_session_may_open_the_sockets(sessions: dict[str, Client], role: str, path: str) -> None:
    sessions[role].socket(path).close()


@pytest.mark.parametrize(("rule", "method"), EVERY)
def test_a_foreign_page_and_a_foreign_name_are_refused_for_everybody(
    sessions: dict[str, Client], rule: str, method: str
) -> None:
    for role, client in sessions.items():
        if method != "GET" or rule in SOCKETS:
            for origin in (EVIL, "null", None):
                assert asked(client, rule, method, Origin=origin) == 403, (role, origin)
        for host in ("evil.example", "203.0.113.9"):
            assert asked(client, rule, method, Host=host, Origin=f"https://{host}") == 421, (role, host)


@pytest.fixture(scope="module")
def ended(appliance: Appliance, people: People) -> Iterator[dict[str, tuple[Client, dict[str, str | None]]]]:
    """Whom nothing opens any more: a client each, and what it shows."""
    with ExitStack() as stack:
        admin = Client(appliance.url)
        stack.callback(admin.close)
        assert admin.login(USER, PASSWORD).status == 200

        def gone(make: Callable[[Client], None], end: Callable[[], int]) -> tuple[Client, dict[str, str | None]]:
            client = Client(appliance.url)
            stack.callback(client.close)
            make(client)
            assert client.request("GET", "/api/auth/check").status == 200
            end()
            return client, {}

        def account(client: Client) -> None:
            admin.send("DELETE", "/api/accounts/gone")  # what a test left that was ended
            assert admin.send("POST", "/api/accounts", user="gone", passwd=SECRET, role="admin").status == 200
            assert client.login("gone", SECRET).status == 200

        def guest(client: Client) -> None:
            made = admin.send("POST", "/api/auth/links", label="gone", hours=1).result
            ids.append(made["id"])
            assert client.enter("/api/auth/link", secret=made["url"].partition("=")[2]).status == 200

        def last_session() -> int:
            (each,) = [
                each for each in admin.request("GET", "/api/auth/sessions").result if each["user"] == NAMES["admin"]
            ][:1]
            return admin.request("DELETE", f"/api/auth/sessions/{each['id']}").status

        ids: list[str] = []
        token = admin.send("POST", "/api/auth/tokens", name="gone", scopes=["admin"]).result
        assert admin.request("DELETE", f"/api/auth/tokens/{token['id']}").status == 200
        bearer = Client(appliance.url)
        stack.callback(bearer.close)
        expired = Client(appliance.url)
        stack.callback(expired.close)
        short = admin.send("POST", "/api/auth/links", label="short", hours=0.001).result
        assert expired.enter("/api/auth/link", secret=short["url"].partition("=")[2]).status == 200
        yield {
            "ended by somebody": gone(
                lambda client: _entered(client.login(NAMES["admin"], SECRET).status), last_session
            ),
            "of a changed password": gone(
                account, lambda: admin.send("PUT", "/api/accounts/gone", passwd="another one yet").status
            ),
            "of a removed account": gone(account, lambda: admin.send("DELETE", "/api/accounts/gone").status),
            "of a revoked link": gone(guest, lambda: admin.request("DELETE", f"/api/auth/links/{ids[-1]}").status),
            "of an expired link": (_over(expired), {}),
            "a revoked token": (bearer, {"Authorization": f"Bearer {token['token']}", "Cookie": None}),
        }


def _entered(status: int) -> None:
    assert status == 200


def _over(guest: Client) -> Client:
    """Whose link has come to its end."""
    for _ in range(20_000):
        if guest.request("GET", "/api/auth/check").status == 403:
            return guest
    raise AssertionError("the link does not end")


@pytest.mark.parametrize(("rule", "method"), [*EVERY, ("/api/nothing", "GET")])
def test_what_was_worth_something_once_opens_nothing(
    ended: dict[str, tuple[Client, dict[str, str | None]]], rule: str, method: str
) -> None:
    for what, (client, headers) in ended.items():
        assert asked(client, rule, method, **headers) == 403, what


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize(
    ("how", "code"), [("role", 4403), ("password", 4401), ("removed", 4401), ("session", 4401), ("link", 4401), ("token", 4401)]
)  # fmt: skip
def test_an_open_socket_ends_with_what_let_it_in(client: Client, path: str, how: str, code: int) -> None:
    client.send("DELETE", "/api/accounts/olga")  # what a test left that was ended
    assert client.send("POST", "/api/accounts", user="olga", passwd=SECRET, role="operator").status == 200
    other = Client(client.origin)
    headers = {}
    if how == "link":
        made = client.send("POST", "/api/auth/links", label="olga", hours=1).result
        assert other.enter("/api/auth/link", secret=made["url"].partition("=")[2]).status == 200
    else:
        assert other.login("olga", SECRET).status == 200
    if how == "token":
        made = other.send("POST", "/api/auth/tokens", name="olga", scopes=["view"]).result
        headers = {"Authorization": f"Bearer {made['token']}"}
    socket = other.socket(path, headers=headers)
    if how == "role":
        client.send("PUT", "/api/accounts/olga", role="viewer")
    elif how == "password":
        client.send("PUT", "/api/accounts/olga", passwd="another one yet")
    elif how == "removed":
        client.send("DELETE", "/api/accounts/olga")
    elif how == "session":
        (mine,) = [each["id"] for each in other.request("GET", "/api/auth/sessions").result if each["current"]]
        client.request("DELETE", f"/api/auth/sessions/{mine}")
    else:
        client.request("DELETE", f"/api/auth/{how}s/{made['id']}")
    assert socket.ending()[0] == code
    if code == 4401:
        with pytest.raises(InvalidStatus):
            other.socket(path, headers=headers)
    else:
        other.socket(path)
    other.close()
    client.send("DELETE", "/api/accounts/olga")
