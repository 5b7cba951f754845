"""The page of the set-up access point: lists and joins, leads telephones to it, and does nothing for anybody else."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest

from app.chance import Chance
from app.net.invitation import Invitation
from app.net.observed import AccessPoint
from app.net.setup import SetUp, Wish
from app.web import join
from app.web.join import Join, choices

OURS = "10.42.0.1"
AIR = (
    AccessPoint(b"shop", 40, 2412, "wpa"),
    AccessPoint(b"shop", 70, 2437, "wpa"),
    AccessPoint(b"caf\xc3\xa9", 90, 2412, "open"),
    AccessPoint(b"<b>\n\xff", 60, 2412, "wpa"),
    AccessPoint(b"modern", 95, 2412, "sae"),
    AccessPoint(b"office", 94, 2412, "enterprise"),
    AccessPoint(b"", 99, 2412, "wpa"),
    AccessPoint(b"\0\0\0", 99, 2412, "wpa"),
)


class Recorder(SetUp):
    """Hears wishes, and grants none."""

    def __init__(self) -> None:
        async def page(_setup: SetUp | None) -> None:
            raise AssertionError("nobody opens a page here")

        super().__init__(lambda: Invitation("", ""), lambda: False, lambda _shown: None, page, time.monotonic)
        self.air = AIR
        self.wished: asyncio.Queue[Wish] = asyncio.Queue()

    def wish(self, wish: Wish) -> None:
        self.wished.put_nowait(wish)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.setattr(join, "_GOODBYE", 0.0)
    return Recorder()


@pytest.fixture
async def page(setup: Recorder) -> AsyncIterator[Join]:
    result = Join(setup, Chance())
    result.start("127.0.0.1", 0)
    yield result
    await result.stop()


async def ask(page: Join, request: str, host: str = OURS, body: str = "", **headers: str) -> Answer:
    reader, writer = await asyncio.open_connection("127.0.0.1", page.port)
    lines = [f"{request} HTTP/1.1", f"Host: {host}", "Connection: close", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", body]).encode())
    head, _, content = (await asyncio.wait_for(reader.read(), 20)).decode().partition("\r\n\r\n")
    writer.close()
    first, *rest = head.split("\r\n")
    return Answer(int(first.split()[1]), dict(line.lower().split(": ", 1) for line in rest), content)


async def choose(page: Join, **values: str) -> Answer:
    """Send the form with the token of the page, unless another is given."""
    listed = (await ask(page, "GET /")).body
    (token,) = re.findall(r'name="token" value="([0-9a-f]{32})"', listed)
    form = urlencode({"token": token, **values})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{OURS}"}
    return await ask(page, "POST /join", body=form, **headers)


def test_every_network_is_listed_once_and_what_cannot_be_joined_says_why() -> None:
    assert [
        (choice.name, choice.strength, choice.open, choice.obstacle.partition(",")[0]) for choice in choices(AIR)
    ] == [
        ("café", 90, True, ""),
        ("shop", 70, False, ""),
        ("<b>\\n\\xff", 60, False, ""),
        ("modern", 95, False, "WPA3 only"),
        ("office", 94, False, "asks for a user name"),
    ]


async def test_the_page_lists_and_works_without_scripts(page: Join, setup: Recorder) -> None:
    setup.reason = "wrong password for <shop>"
    answer = await ask(page, "GET /")
    assert answer.status == 200
    assert "wrong password for &lt;shop&gt;" in answer.body
    assert f'value="{b"shop".hex()}"' in answer.body
    assert "&lt;b&gt;" in answer.body
    assert "<b>" not in answer.body
    assert "<script" not in answer.body
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "date" not in answer.headers


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("connectivitycheck.gstatic.com", "/generate_204"),
        ("captive.apple.com", "/hotspot-detect.html"),
        ("www.msftconnecttest.com", "/connecttest.txt"),
        ("www.msftncsi.com", "/ncsi.txt"),
        ("evil.example", "/"),
        (OURS, "/generate_204"),
        (OURS, "/api/auth/login"),
        (f"{OURS}.evil.example", "/join"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_whatever_else_is_asked_for_leads_to_the_page(page: Join, method: str, host: str, path: str) -> None:
    answer = await ask(page, f"{method} {path}", host)
    assert (answer.status, answer.headers["location"]) == (302, f"http://{OURS}/")


@pytest.mark.parametrize(
    ("request_line", "host", "origin"),
    [
        ("POST /join", "evil.example", f"http://{OURS}"),
        ("POST /join", OURS, "http://evil.example"),
        ("POST /join", OURS, f"https://{OURS}"),
        ("POST /join", OURS, "null"),
        ("POST /api/auth/login", OURS, f"http://{OURS}"),
        ("PUT /", "evil.example", f"http://{OURS}"),
        ("DELETE /other", OURS, f"http://{OURS}"),
    ],
)
async def test_nobody_else_can_make_it_do_anything(
    page: Join, setup: Recorder, request_line: str, host: str, origin: str
) -> None:
    answer = await ask(page, request_line, host, body="ssid=73686f70", Origin=origin)
    assert answer.status == 421
    assert setup.wished.empty()


async def test_before_the_first_attempt_it_says_why_the_network_that_is_known_is_not_joined(
    page: Join, setup: Recorder
) -> None:
    setup.known = "home not found"
    assert "home not found" in (await ask(page, "GET /")).body
    setup.reason = "wrong password for shop"
    assert "home not found" not in (await ask(page, "GET /")).body


async def test_a_form_without_the_token_of_this_page_changes_nothing(page: Join, setup: Recorder) -> None:
    for token in ("", "0" * 32, "ü"):
        answer = await choose(page, token=token, ssid=b"shop".hex(), passphrase="correct horse")
        assert answer.status == 403
        assert "choose again" in answer.body
    assert setup.wished.empty()


async def test_a_choice_becomes_a_wish(page: Join, setup: Recorder) -> None:
    answer = await choose(page, ssid=b"<b>\n\xff".hex(), passphrase=" correct horse ")
    assert answer.status == 200
    assert "Joining &lt;b&gt;" in answer.body
    assert await asyncio.wait_for(setup.wished.get(), 20) == Wish(b"<b>\n\xff", " correct horse ", hidden=False)
    assert (await choose(page, ssid="", name="vault", passphrase="")).status == 200
    assert await asyncio.wait_for(setup.wished.get(), 20) == Wish(b"vault", "", hidden=True)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ssid": b"shop".hex(), "passphrase": "short"}, "expected 8 to 63 bytes"),
        ({"ssid": "", "name": ""}, "expected 1 to 32"),
        ({"ssid": "", "name": "ü" * 17}, "expected 1 to 32"),
        ({"ssid": "xyz"}, "expected hexadecimal digits"),
    ],
)
async def test_what_cannot_be_joined_is_said_at_once(
    page: Join, setup: Recorder, values: dict[str, str], words: str
) -> None:
    answer = await choose(page, **values)
    assert answer.status == 400
    assert words in answer.body
    assert "short" not in answer.body
    assert setup.wished.empty()


async def test_a_body_that_is_too_large_is_not_read(page: Join, setup: Recorder) -> None:
    answer = await ask(page, "POST /join", body="x" * 5000, Origin=f"http://{OURS}")
    assert answer.status == 400
    assert setup.wished.empty()
