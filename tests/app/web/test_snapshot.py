"""Single pictures, as scripts fetch them; what they show without a signal is tested on a real driver (tests/kernel)."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tornado.httpclient import AsyncHTTPClient

from app.status import Signal
from app.stream.hub import Hub
from app.stream.rate import Rate
from app.video.frame import RawFormat
from app.video.picture import Picture
from app.video.snapshot import Deliver
from app.web import streamer
from app.web.offline import card
from app.web.server import Server
from tests import door
from tests.client import Client, trusting

PATH = "/api/streamer/snapshot"


@pytest.fixture
def client(client: Client) -> Client:
    """One that has seen the target: it takes a moment until that has looked at its display and sends something."""
    stream = client.socket("/api/stream")
    stream.recv()
    stream.close()
    return client


def opened(file: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(file))
    image.load()
    return image


@pytest.mark.parametrize(
    ("query", "kind", "size"),
    [
        ("", "jpeg", (1280, 720)),
        ("?format=png", "png", (1280, 720)),
        ("?preview=1&preview_max_width=320", "jpeg", (320, 180)),
        ("?preview=true&preview_max_height=90&format=png", "png", (160, 90)),
        ("?preview_max_width=320", "jpeg", (1280, 720)),
        ("?allow_offline=1", "jpeg", (1280, 720)),
    ],
)
def test_the_picture_as_asked_for(client: Client, query: str, kind: str, size: tuple[int, int]) -> None:
    answer = client.request("GET", PATH + query)
    assert (answer.status, answer.headers["Content-Type"]) == (200, f"image/{kind}")
    image = opened(answer.body)
    assert (image.format, image.size) == (kind.upper(), size)
    assert image.convert("L").getextrema()[1] > 200, "the target's screen has bright text"


def test_a_lower_quality_is_smaller(client: Client) -> None:
    sizes = [len(client.request("GET", f"{PATH}?preview=1&preview_quality={quality}").body) for quality in (5, 50, 100)]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("format=gif", "format has value 'gif', expected jpeg or png"),
        ("preview_max_width=0", "preview_max_width has value '0', expected a number from 16 to 1920"),
        ("preview_max_height=99999999999", "expected a number from 16 to 1920"),
        ("preview_quality=x", "preview_quality has value 'x', expected a number from 1 to 100"),
        ("allow_offline=2", "allow_offline has value '2', expected a number from 0 to 1"),
    ],
)
def test_what_is_not_understood_is_named(client: Client, query: str, words: str) -> None:
    answer = client.request("GET", f"{PATH}?{query}")
    assert answer.status == 400
    assert words in answer.result["error_msg"]


def test_the_card_has_words_on_it_and_none_beyond_its_edge() -> None:
    long = "1920x1080 at 60 Hz needs 3 CSI lanes, this board has 2: choose a smaller mode, or none " * 2
    for reason in ("the target sends no picture", long):
        image = opened(card("No picture", reason, "png")).convert("L")
        left, top, right, bottom = image.point(lambda value: 255 * (value > 60)).getbbox()
        assert left >= 32
        assert top >= 96
        assert right <= image.width - 8
        assert bottom <= image.height - 8
    assert card("No picture", "one", "png") != card("No picture", "two", "png")


class Video:
    """Gives a frame to whoever asks, and writes down what happens to it."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.all_asked = threading.Event()

    def grab(self, deliver: Deliver) -> None:
        self.events.append("taken")
        deliver(Picture(RawFormat(16, 16, "UYVY", 32, 512, 30.0), bytes(512)))

    def withdraw(self, _deliver: Deliver) -> None: ...

    def encode(self, *_arguments: object) -> bytes:
        assert self.all_asked.wait(30)
        self.events.append("compressed")
        return b"picture"


async def test_a_crowd_is_served_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each holds a frame and far more while it is compressed; whoever has left meanwhile takes none."""
    video, asked, crowd = Video(), 0, 6
    get = streamer.Snapshot.get

    async def counted(handler: streamer.Snapshot) -> None:
        nonlocal asked
        asked += 1
        if asked == crowd:
            connection: Any = handler.request.connection
            connection.stream.close()
            asyncio.get_running_loop().call_soon(video.all_asked.set)
        await get(handler)

    monkeypatch.setattr(streamer.Snapshot, "get", counted)
    monkeypatch.setattr(streamer, "encode", video.encode)
    nobody: Any = None
    hub = Hub(lambda: time.monotonic_ns() // 1000, nobody, Rate(4_000_000), lambda _viewers: None)
    services = door.services(hub, tmp_path, "127.0.0.1", video=video)
    services.bus.publish(Signal("locked", 16, 16, 30.0))
    server = Server(services, lambda: services.certificates.context)
    server.start("127.0.0.1", 0)
    client = AsyncHTTPClient(force_instance=True, max_clients=crowd)
    cookie = {"Cookie": f"auth_token={services.gate.sessions.open(door.USER)}"}
    url = f"https://127.0.0.1:{server.port}{PATH}"
    answers = await asyncio.gather(
        *(client.fetch(url, headers=cookie, ssl_options=trusting()) for _each in range(crowd)), return_exceptions=True
    )
    client.close()
    await server.stop()
    assert sorted(getattr(each, "code", 0) for each in answers) == [200] * (crowd - 1) + [599]
    assert video.events == ["taken", "compressed"] * (crowd - 1)
