"""Plain HTTP leads to HTTPS under our names, and nowhere under others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.web.hosts import Hosts
from app.web.redirect import Redirect


@pytest.fixture
async def redirect() -> AsyncIterator[Redirect]:
    redirect = Redirect(Hosts(["kvm.local"], lambda: ("192.168.1.5", "fd00::5", "KVM-2.local", "")), 443)
    redirect.start("127.0.0.1", 0)
    yield redirect
    await redirect.stop()


async def ask(redirect: Redirect, request: bytes) -> tuple[int, str]:
    """The status, and where it leads."""
    reader, writer = await asyncio.open_connection("127.0.0.1", redirect.port)
    writer.write(request)
    answer = (await asyncio.wait_for(reader.read(), 20)).decode("latin-1")
    writer.close()
    location = [line.partition(": ")[2] for line in answer.split("\r\n") if line.lower().startswith("location:")]
    return int(answer.split()[1]) if answer else 0, "".join(location)


@pytest.mark.parametrize(
    ("host", "location"),
    [
        ("kvm.local", "https://kvm.local/a?b"), ("kvm.local:80", "https://kvm.local/a?b"),
        ("kvm-2.local.", "https://kvm-2.local./a?b"), ("192.168.1.5", "https://192.168.1.5/a?b"), ("[fd00::5]", "https://[fd00::5]/a?b"), ("[fd00::5]:80", "https://[fd00::5]/a?b"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
async def test_our_names_lead_to_https(redirect: Redirect, method: str, host: str, location: str) -> None:
    assert await ask(redirect, f"{method} /a?b HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()) == (308, location)


@pytest.mark.parametrize("host", ["evil.example", "", "kvm.local.evil.example", "203.0.113.1"])
async def test_other_names_lead_nowhere(redirect: Redirect, host: str) -> None:
    status, location = await ask(redirect, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert status in {400, 421}
    assert location == ""


@pytest.mark.parametrize("uri", ["//evil.example/", "https://evil.example/", "*"])
async def test_a_path_is_not_a_way_elsewhere(redirect: Redirect, uri: str) -> None:
    _status, location = await ask(redirect, f"GET {uri} HTTP/1.1\r\nHost: kvm.local\r\n\r\n".encode())
    assert location in {"", f"https://kvm.local{uri}"}


async def test_a_password_sent_here_is_not_answered(redirect: Redirect) -> None:
    request = b"POST /api/auth/login HTTP/1.1\r\nHost: kvm.local\r\nContent-Length: 20\r\n\r\nuser=admin&passwd=xx"
    status, _location = await ask(redirect, request)
    assert status in {308, 400, 413}
