"""Who gets in: every route of the running server, with and without credentials."""

from __future__ import annotations

import socket
import ssl
import warnings
from urllib.parse import urlsplit

import pytest
from tornado.routing import URLSpec
from websockets.exceptions import InvalidStatus

from app.web.server import application
from tests.appliance import PASSWORD, USER
from tests.client import Client, trusting

PUBLIC = {"/api/auth/login": "POST", "/()": "GET", "/ui/(.*)": "GET", "/(favicon.ico)": "GET"}


def routes() -> list[str]:
    """The paths that the server knows, as it knows them."""
    found: list[str] = []
    for rule in application(None).wildcard_router.rules:  # type: ignore[arg-type]
        if isinstance(rule, URLSpec):
            found.append(rule.regex.pattern.rstrip("$"))
    return found


ROUTES = routes()
GUARDED = sorted(set(ROUTES) - PUBLIC.keys())


def test_the_list_of_public_routes_is_complete() -> None:
    assert set(PUBLIC) <= set(ROUTES)
    assert GUARDED == [
        "/api/auth/check", "/api/auth/logout", "/api/info", "/api/panel", r"/api/panel\.png", "/api/stream",
        "/api/streamer/set_params", "/api/streamer/snapshot", "/api/ws",
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", [*GUARDED, "/api/nothing", "/etc/passwd", "/api"])
def test_nothing_answers_without_a_session(stranger: Client, path: str, method: str) -> None:
    answer = stranger.request(method, path)
    assert answer.status == 401
    assert answer.result == {"error": "NotLoggedIn", "error_msg": "log in first"}
    stranger.cookie = "auth_token=wrong"
    assert stranger.request(method, path).status == 403


@pytest.mark.parametrize("path", ["/api/ws", "/api/stream"])
def test_sockets_are_refused_before_the_upgrade(stranger: Client, client: Client, path: str) -> None:
    for refused, status, origin in [
        (stranger, 401, "ours"),
        (client, 403, "https://evil.example"),
        (client, 403, client.origin.replace("https", "http")),
        (client, 403, None),
    ]:
        with pytest.raises(InvalidStatus) as caught:
            refused.socket(path, origin)
        assert caught.value.response.status_code == status


def test_a_foreign_page_may_not_change_anything(client: Client) -> None:
    answer = client.request("POST", "/api/auth/logout", headers={"Origin": "https://evil.example"})
    assert answer.status == 403
    assert client.request("GET", "/api/auth/check").status == 200


def test_the_page_is_public_and_so_are_its_parts(stranger: Client) -> None:
    page = stranger.request("GET", "/")
    assert page.status == 200
    assert b"<title>" in page.body
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert stranger.request("GET", "/ui/style.css").status == 200
    assert stranger.request("GET", "/ui/../__main__.py").status in {403, 404}
    assert stranger.request("GET", "/ui/%2e%2e/%2e%2e/pyproject.toml").status in {403, 404}


@pytest.mark.parametrize(("user", "password"), [(USER, "wrong"), ("root", PASSWORD), ("", ""), (USER, PASSWORD + " ")])
def test_a_wrong_password_is_refused(stranger: Client, user: str, password: str) -> None:
    answer = stranger.login(user, password)
    assert answer.status == 403
    assert answer.result["error_msg"] == "user name or password is wrong"
    assert answer.headers["Set-Cookie"] is None


def test_a_login_without_its_fields_is_a_bad_request(stranger: Client) -> None:
    answer = stranger.request("POST", "/api/auth/login", "user=admin")
    assert answer.status == 400
    assert "passwd" in answer.result["error_msg"]


def test_the_cookie_is_the_browsers_alone(stranger: Client) -> None:
    cookie = stranger.login(USER, PASSWORD).headers["Set-Cookie"]
    assert cookie.startswith("auth_token=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {"HttpOnly", "Secure", "SameSite=Strict", "Path=/"}


def test_logging_out_ends_the_session_and_its_sockets(client: Client) -> None:
    assert client.request("GET", "/api/auth/check").result == {"user": USER}
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
