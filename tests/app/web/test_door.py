"""Who gets in: every route of the running server, with every role and every kind of credentials."""

from __future__ import annotations

import socket
import ssl
import warnings
from urllib.parse import urlsplit

import pytest
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler
from websockets.exceptions import InvalidStatus

from app.auth.roles import ROLES
from app.web.guard import Guarded
from app.web.server import application
from tests.app.web.doors import doors, methods, routes
from tests.app.web.people import NAMES, SECRET, People
from tests.appliance import PASSWORD, USER, Appliance
from tests.client import Client, trusting

EVIL = "https://evil.example"


def rules() -> dict[str, type[RequestHandler]]:
    """The paths that the server knows, as it knows them, and who answers there."""
    return dict(routes(application(None, None).default_router))  # type: ignore[arg-type]


PUBLIC = {
    "/api/auth/login", "/api/auth/claim", "/api/auth/link", "/()", "/ui/(.*)", "/(favicon.ico)",
}  # fmt: skip
NEEDS = {
    "/api/auth/check": ("viewer", None),
    "/api/auth/logout": ("viewer", None),
    "/api/auth/password": ("viewer", "admin"),
    "/api/auth/totp": ("viewer", "admin"),
    "/api/auth/sessions": ("viewer", "admin"),
    "/api/auth/sessions/([0-9a-f]+)": ("viewer", "admin"),
    "/api/auth/tokens": ("viewer", "admin"),
    "/api/auth/tokens/([0-9a-f]+)": ("viewer", "admin"),
    "/api/auth/links": ("operator", "admin"),
    "/api/auth/links/([0-9a-f]+)": ("operator", "admin"),
    "/api/accounts": ("admin", "admin"),
    "/api/accounts/([^/]+)": ("admin", "admin"),
    "/api/audit": ("admin", "admin"),
    "/api/tls/authority": ("viewer", None),
    "/api/tls/certificate": ("admin", "admin"),
    "/api/info": ("viewer", None),
    "/api/hid": ("viewer", "view"),
    "/api/hid/reset": ("operator", "hid"),
    "/api/hid/set_params": ("operator", "hid"),
    "/api/hid/inactivity": ("viewer", "view"),
    "/api/hid/events/send_key": ("operator", "hid"),
    "/api/hid/events/send_shortcut": ("operator", "hid"),
    "/api/hid/events/send_mouse_button": ("operator", "hid"),
    "/api/hid/events/send_mouse_move": ("operator", "hid"),
    "/api/hid/events/send_mouse_relative": ("operator", "hid"),
    "/api/hid/events/send_mouse_wheel": ("operator", "hid"),
    "/api/hid/shortcuts": ("operator", "hid"),
    "/api/hid/shortcuts/([^/]+)": ("operator", "hid"),
    "/api/hid/keymaps": ("viewer", "view"),
    "/api/hid/keymaps/([^/]+)": ("operator", "hid"),
    "/api/hid/print": ("operator", "hid"),
    "/api/streamer/snapshot": ("viewer", "view"),
    "/api/streamer/set_params": ("operator", "hid"),
    "/api/streamer/edid": ("admin", "admin"),
    "/api/streamer/replug": ("operator", "hid"),
    "/api/panel": ("operator", "hid"),
    "/api/panel\\.png": ("operator", "hid"),
    "/api/usb/profile": ("admin", "admin"),
    "/api/network": ("admin", "admin"),
    "/api/network/scan": ("admin", "admin"),
    "/api/network/join": ("admin", "admin"),
    "/api/network/address": ("admin", "admin"),
    "/api/network/name": ("admin", "admin"),
    "/api/network/trial": ("admin", "admin"),
    "/api/ws": ("viewer", "view"),
    "/api/stream": ("viewer", "view"),
}
"""The least role for each path, and the scope that a token needs; None where any will do."""
SOCKETS = ("/api/ws", "/api/stream")


def path_of(rule: str) -> str:
    """A path that the rule is for, of nothing that there is."""
    return (
        rule.replace("([0-9a-f]+)", "0123456789ab")
        .replace("([^/]+)", "nobody")
        .replace("(.*)", "style.css")
        .replace("()", "")
        .replace("\\.", ".")
    )


CALLS = [(rule, method) for rule in NEEDS if rule not in SOCKETS for method in methods(rules()[rule])]
ENTRANCES = [(rule, "POST") for rule in ("/api/auth/login", "/api/auth/claim", "/api/auth/link")]


def test_every_route_of_the_running_server_has_a_rule_here_and_in_its_class(appliance: Appliance) -> None:
    """A route that is added without one fails here."""
    running = doors(appliance.folder)["Server"].routes
    assert running.keys() == PUBLIC | NEEDS.keys()
    assert running == {rule: [handler.__name__, *methods(handler)] for rule, handler in rules().items()}
    for rule, handler in rules().items():
        assert issubclass(handler, WebSocketHandler) == (rule in SOCKETS)
        if not issubclass(handler, Guarded) or handler.public:
            assert rule in PUBLIC
        else:
            scope = handler.scope or {"viewer": "view", "operator": "hid", "admin": "admin"}[handler.role]
            assert NEEDS[rule] == (handler.role, None if handler.any_scope else scope)


def let_in(status: int) -> bool:
    """Whether the door opened, whatever was behind it; never an error of ours."""
    assert status < 500 or status == 503
    return status not in {401, 403, 421, 429}


@pytest.mark.parametrize(("rule", "method"), CALLS)
def test_each_role_may_what_it_may(people: People, stranger: Client, rule: str, method: str) -> None:
    least = ROLES.index(NEEDS[rule][0])  # type: ignore[arg-type]
    for role in ROLES:
        allowed = ROLES.index(role) >= least
        for headers in (people.kvmd(role), people.basic(role)):
            answer = stranger.request(method, path_of(rule), "{}", {**headers, "Origin": None})
            assert let_in(answer.status) == allowed, (role, answer.status, answer.body)


@pytest.mark.parametrize(("rule", "method"), CALLS)
def test_each_scope_may_what_it_may(people: People, stranger: Client, rule: str, method: str) -> None:
    for scope, token in people.tokens.items():
        allowed = NEEDS[rule][1] in {None, scope} or scope == "admin"
        answer = stranger.request(method, path_of(rule), "{}", {"Authorization": f"Bearer {token}"})
        assert let_in(answer.status) == allowed, (scope, answer.status, answer.body)


@pytest.mark.parametrize(
    "rule", [*(rule for rule in NEEDS if rule not in SOCKETS), "/api/nothing", "/etc/passwd", "/api"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_nothing_answers_without_credentials(people: People, stranger: Client, rule: str, method: str) -> None:
    path = path_of(rule)
    answer = stranger.request(method, path, "{}")
    assert answer.status == 401
    assert answer.result == {"error": "NotLoggedIn", "error_msg": "log in first"}
    for wrong in (
        {"Cookie": "auth_token=wrong"}, {"Cookie": "auth_token="}, {"Authorization": "Bearer inkvm_wrong"},
        {"Authorization": "Basic !!!"}, {"Authorization": "Basic bm9jb2xvbg=="},
    ):  # fmt: skip
        assert stranger.request(method, path, "{}", wrong).status == 403


@pytest.mark.parametrize(("rule", "method"), CALLS)
def test_a_session_that_was_ended_is_worth_nothing(people: People, stranger: Client, rule: str, method: str) -> None:
    stranger.login(NAMES["admin"], SECRET)
    assert stranger.request("POST", "/api/auth/logout").status == 200
    assert stranger.request(method, path_of(rule), "{}").status == 403


@pytest.mark.parametrize(("rule", "method"), [*CALLS, *ENTRANCES])
def test_a_foreign_page_and_a_foreign_name_are_refused(people: People, client: Client, rule: str, method: str) -> None:
    path = path_of(rule)
    if method != "GET":
        for origin in (EVIL, "null", client.origin.replace("https", "http"), client.origin + ".evil.example", ""):
            for headers in ({}, people.kvmd("admin")):
                assert client.request(method, path, "{}", {**headers, "Origin": origin}).status == 403
    for host in ("evil.example", "evil.example:443", "203.0.113.9", "localhost.evil.example", "", "[2001:db8::1]"):
        answer = client.request(method, path, "{}", {"Host": host, "Origin": f"https://{host}"})
        assert answer.status in {400, 421}, (host, answer.status)
        if answer.status == 421:
            assert "web.hosts" in answer.result["error_msg"]
    assert client.request("GET", "/api/auth/check").status == 200


@pytest.mark.parametrize(("rule", "method"), [*(call for call in CALLS if call[1] != "GET"), *ENTRANCES])
def test_without_header_credentials_what_has_no_origin_changes_nothing(client: Client, rule: str, method: str) -> None:
    answer = client.request(method, path_of(rule), "{}", {"Origin": None})
    assert answer.status == 403
    assert "no Origin" in answer.result["error_msg"]


@pytest.mark.parametrize("path", SOCKETS)
def test_sockets_are_refused_before_the_upgrade(people: People, stranger: Client, client: Client, path: str) -> None:
    refused: list[tuple[Client, int, str | None, dict[str, str]]] = [
        (stranger, 401, "ours", {}),
        (stranger, 403, "ours", {"Cookie": "auth_token=wrong"}),
        (stranger, 403, "ours", {"Authorization": f"Bearer {people.tokens['power']}"}),
        (stranger, 403, EVIL, {"Authorization": f"Bearer {people.tokens['view']}"}),
        (stranger, 403, EVIL, people.kvmd("admin")),
        (client, 403, EVIL, {}),
        (client, 403, client.origin.replace("https", "http"), {}),
        (client, 403, None, {}),
    ]
    for who, status, origin, headers in refused:
        with pytest.raises(InvalidStatus) as caught:
            who.socket(path, origin, headers)
        assert caught.value.response.status_code == status
    for role in ROLES:
        stranger.socket(path, None, people.kvmd(role))
    stranger.socket(path, None, {"Authorization": f"Bearer {people.tokens['view']}"})


def test_the_page_is_public_and_so_are_its_parts(stranger: Client) -> None:
    page = stranger.request("GET", "/")
    assert page.status == 200
    assert b"<title>" in page.body
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Strict-Transport-Security"] is None
    assert stranger.request("GET", "/ui/style.css").status == 200
    assert stranger.request("GET", "/ui/../__main__.py").status in {403, 404}
    assert stranger.request("GET", "/ui/%2e%2e/%2e%2e/pyproject.toml").status in {403, 404}


def test_a_page_under_a_foreign_name_says_what_to_do(stranger: Client) -> None:
    answer = stranger.request("GET", "/", headers={"Host": "kvm.example:8443"})
    assert (answer.status, answer.headers["Content-Type"]) == (421, "text/plain; charset=UTF-8")
    assert b"'kvm.example'" in answer.body
    assert b"web.hosts" in answer.body


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:443", "169.254.3.4", "[fe80::1]"])
def test_own_names_are_known(client: Client, host: str) -> None:
    assert client.request("GET", "/api/auth/check", headers={"Host": host}).status == 200


@pytest.mark.parametrize(("user", "password"), [(USER, "wrong"), ("root", PASSWORD), ("", ""), (USER, PASSWORD + " ")])
def test_a_wrong_password_is_refused(appliance: Appliance, user: str, password: str) -> None:
    guesser = Client(appliance.url, "127.0.0.21")
    answer = guesser.login(user, password)
    guesser.close()
    assert answer.status == 403
    assert answer.result["error_msg"] == "user name, password or code is wrong"
    assert answer.headers["Set-Cookie"] is None


def test_a_guesser_is_told_to_wait_and_others_are_not(appliance: Appliance, client: Client) -> None:
    guesser = Client(appliance.url, "127.0.0.22")
    headers = {"X-KVMD-User": "mallory", "X-KVMD-Passwd": "wrong"}
    tries = 0
    for guess in (
        lambda: guesser.login("mallory", "wrong"),
        lambda: guesser.request("GET", "/api/info", headers=headers),
    ):
        while (answer := guess()).status == 403:  # the delay may be over by now; the next one is twice as long
            tries += 1
            assert tries < 15, "the delay does not grow"
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) >= 1
    guesser.close()
    assert client.login(USER, PASSWORD).status == 200


def test_a_login_without_its_fields_is_a_bad_request(stranger: Client) -> None:
    answer = stranger.request("POST", "/api/auth/login", "user=admin")
    assert answer.status == 400
    assert "passwd" in answer.result["error_msg"]


def test_the_cookie_is_the_browsers_alone(stranger: Client) -> None:
    cookie = stranger.login(USER, PASSWORD).headers["Set-Cookie"]
    assert cookie.startswith("auth_token=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {"HttpOnly", "Secure", "SameSite=Strict", "Path=/"}


def test_logging_out_ends_the_session_and_its_sockets(client: Client) -> None:
    assert client.request("GET", "/api/auth/check").result == {"user": USER, "role": "admin", "guest": False}
    stream = client.socket("/api/stream")
    assert client.request("POST", "/api/auth/logout").status == 200
    assert stream.ending() == (4401, "the session ended")
    assert client.request("GET", "/api/auth/check").status == 403


def test_answers_are_not_kept_and_say_nothing_of_the_server(client: Client) -> None:
    headers = client.request("GET", "/api/info").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Server"] is None


def test_old_tls_is_refused_and_chacha_is_chosen(stranger: Client) -> None:
    host = urlsplit(stranger.origin)
    old = trusting()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection((host.hostname, host.port)) as plain, old.wrap_socket(plain) as tls:
        cipher = tls.cipher()
        assert cipher is not None
        assert cipher[0] == "ECDHE-ECDSA-CHACHA20-POLY1305"
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection((host.hostname, host.port)) as plain, pytest.raises(ssl.SSLError):
        old.wrap_socket(plain)
