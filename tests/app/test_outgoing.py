"""Nothing in the daemon calls out: there is no certificate of somebody else's to validate, and nobody to hear what it knows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLIENTS = {
    "http.client", "urllib.request", "ftplib", "smtplib", "imaplib", "telnetlib", "xmlrpc.client",
    "tornado.httpclient", "tornado.simple_httpclient", "tornado.tcpclient",
}  # fmt: skip
CALLS = {"create_connection", "open_connection", "connect_ex", "websocket_connect"}
TO_A_FILE = {"app/notify.py", "app/net/dbus.py"}
"""Those that connect to a socket in the file system: systemd's, and the message bus's."""


def calls_out(source: str, path: str) -> list[str]:
    """What in a module could open a connection to another computer."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name in CLIENTS]
        elif isinstance(node, ast.ImportFrom):
            found += [
                name
                for name in (node.module, *(f"{node.module}.{each.name}" for each in node.names))
                if name in CLIENTS
            ]
        elif isinstance(node, ast.Attribute) and (
            node.attr in CALLS or (node.attr == "connect" and path not in TO_A_FILE)
        ):
            found.append(node.attr)
    return found


@pytest.mark.parametrize(
    "path",
    [
        str(path.relative_to(ROOT))
        for package in ("app", "epaper")
        for path in sorted((ROOT / package).rglob("*.py"))
        if "sim" not in path.parts
    ],
)
def test_nothing_calls_out(path: str) -> None:
    assert calls_out((ROOT / path).read_text(), path) == []


@pytest.mark.parametrize(
    "source",
    [
        "import urllib.request",
        "from http.client import HTTPSConnection",
        "from tornado import httpclient",
        "asyncio.open_connection('h', 1)",
        "socket.socket().connect(('h', 1))",
    ],
)
def test_what_calls_out_is_seen(source: str) -> None:
    assert calls_out(source, "app/some.py")
