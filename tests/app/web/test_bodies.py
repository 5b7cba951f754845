"""How much of a body is taken, and from whom. No test here sends any: whoever waits for it does not answer."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from tests.app.web.test_door import NEEDS, PUBLIC, SOCKETS, path_of
from tests.appliance import Appliance
from tests.client import Client, trusting

PRINT = "/api/hid/print"
ROUTES = sorted(path_of(rule) for rule in {*NEEDS, *PUBLIC} - set(SOCKETS))
_PATIENCE = 60.0


def asked(client: Client, path: str, length: int, **headers: str) -> int:
    """The status that is answered to the head of a request alone."""
    host = urlsplit(client.origin)
    lines = [f"POST {path} HTTP/1.1", f"Host: {host.netloc}", f"Origin: {client.origin}", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with (
        socket.create_connection((host.hostname, host.port), timeout=_PATIENCE) as plain,
        trusting().wrap_socket(plain) as tls,
    ):
        tls.sendall("\r\n".join([*lines, "", ""]).encode())
        return int(tls.recv(4096).split()[1])


@pytest.mark.parametrize("path", ROUTES)
def test_a_stranger_sends_little(appliance: Appliance, stranger: Client, path: str) -> None:
    assert asked(stranger, path, (64 << 10) + 1) == (401 if path == PRINT else 400)


def test_a_stranger_with_a_wrong_cookie_sends_no_text(stranger: Client) -> None:
    assert asked(stranger, PRINT, 10, Cookie="auth_token=wrong") == 403


def test_who_may_paste_sends_much_and_not_without_end(client: Client) -> None:
    assert client.cookie is not None
    assert asked(client, PRINT, (1 << 20) + 1, Cookie=client.cookie) == 400
    text = "☃" * (1 << 16)
    answer = client.request("POST", PRINT, text)
    assert (answer.status, answer.result["untypable"]) == (400, {"☃": len(text)})
