"""What is spoken without TLS: the redirect and the set-up's page, for every path of the server, by everybody. Nobody is anybody there."""

from __future__ import annotations

import http.client
import re
from contextlib import closing

import pytest

from app.net.profiles import AP_ADDRESS
from tests.app.web.doors import METHODS, doors
from tests.app.web.people import NAMES, SECRET, People
from tests.app.web.test_door import EVIL, NEEDS, PUBLIC, path_of
from tests.app.web.test_matrix import UPGRADE
from tests.appliance import Appliance
from tests.client import Answer, Client

OURS = f"http://{AP_ADDRESS}"
PATHS = sorted({*map(path_of, {*NEEDS, *PUBLIC}), "/join", "/api/nothing"})
ORIGINS = (None, OURS, EVIL)
FOREIGN = "evil.example"


def ask(port: int, method: str, path: str, host: str, headers: dict[str, str]) -> Answer:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": host, **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return Answer(answer.status, answer.msg, answer.read())


@pytest.fixture(scope="module")
def shown(people: People) -> dict[str, str]:
    """All that opens the other door, and the wish for a socket."""
    with closing(Client(people.appliance.url)) as admin:
        assert admin.login(NAMES["admin"], SECRET).status == 200
        assert admin.cookie is not None
        token = {"Authorization": f"Bearer {people.tokens['admin']}"}
        return {"Cookie": admin.cookie, **people.kvmd("admin"), **token, **UPGRADE}


def test_whoever_listens_has_rules_here(appliance: Appliance) -> None:
    """A door that is added without some fails here."""
    known = doors(appliance.folder)
    assert {each.port for each in known.values()} == appliance.listening()
    assert known.keys() == {"Server", "Redirect", "Join"}
    assert known["Redirect"].routes == {}
    assert known["Join"].routes == {"/": ["_List", "GET", "HEAD"], "/join": ["_Choose", "GET", "POST"]}


@pytest.mark.parametrize("path", PATHS)
def test_the_redirect_leads_to_tls_and_nowhere_else(appliance: Appliance, shown: dict[str, str], path: str) -> None:
    port = doors(appliance.folder)["Redirect"].port
    for method in METHODS:
        for headers in ({}, shown, {"Origin": EVIL}):
            answer = ask(port, method, path, "127.0.0.1", headers)
            assert (answer.status, answer.body) == (308, b""), (method, headers)
            assert answer.headers["Location"] == appliance.url.rstrip("/") + path
            assert set(answer.headers) == {"Location", "Content-Length", "Connection", "Cache-Control"}
            answer = ask(port, method, path, FOREIGN, headers)
            assert (answer.status, answer.headers["Location"], answer.body) == (421, None, b""), (method, headers)


def led(path: str, method: str, host: str, origin: str | None) -> tuple[int, str | None]:
    """What the page answers, and where that leads: to itself whoever looks for something, and nobody who wants to do something elsewhere."""
    if method in {"GET", "HEAD"}:
        if host != AP_ADDRESS or path not in {"/", "/join"}:
            return 302, f"{OURS}/"
        if path == "/":
            return 200, None
        return (302, "/") if method == "GET" else (405, None)
    if host != AP_ADDRESS or path not in {"/", "/join"} or origin not in {None, OURS}:
        return 421, None
    return (403 if (path, method) == ("/join", "POST") else 405), None


@pytest.mark.parametrize("path", PATHS)
def test_the_page_lists_and_joins_and_knows_nobody(appliance: Appliance, shown: dict[str, str], path: str) -> None:
    """Whatever is shown to it, the answer is the same but for the number that is used once."""
    port = doors(appliance.folder)["Join"].port
    for method in METHODS:
        for host in (AP_ADDRESS, FOREIGN):
            for origin in ORIGINS:
                beside = {} if origin is None else {"Origin": origin}
                answers = [ask(port, method, path, host, {**beside, **headers}) for headers in ({}, shown)]
                assert {(each.status, each.headers["Location"]) for each in answers} == {
                    led(path, method, host, origin)
                }, (method, host, origin)
                assert len({re.sub(rb"[0-9a-f]{32}", b"", each.body) for each in answers}) == 1
                assert all(each.headers["Set-Cookie"] is None for each in answers)
