"""From outside the machine: what the owner of a freshly flashed card meets."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from fractions import Fraction
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import av
import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.websocket import websocket_connect

from tests.qemu.conftest import PASSWORD
from tests.qemu.machine import Machine

VIVID = (1280, 720)
"""What vivid's HDMI input has when nobody set it: CEA-861's 1280x720p60."""
HEADER = struct.Struct(">BBHIQIHH")
SHOWN = struct.Struct(">BBHI")
PATIENCE = 120.0


def request(machine: Machine, path: str, **options: Any) -> HTTPRequest:
    """A request to the machine; its certificate is its own, as for anybody's browser."""
    return HTTPRequest(
        f"{scheme(path)}://localhost:{machine.port}{path}", validate_cert=False,
        connect_timeout=PATIENCE, request_timeout=PATIENCE, **options,
    )  # fmt: skip


def scheme(path: str) -> str:
    """Sockets have their own."""
    return "wss" if path == "/api/stream" else "https"


async def login(machine: Machine, password: str) -> HTTPResponse:
    """What the login page sends."""
    form = urlencode({"user": "admin", "passwd": password})
    entrance = request(machine, "/api/auth/login", method="POST", body=form)
    entrance.headers["Origin"] = f"https://localhost:{machine.port}"
    return await AsyncHTTPClient().fetch(entrance)


async def cookie(machine: Machine) -> str:
    """A session, as a request's header."""
    answer = await login(machine, PASSWORD)
    return f"auth_token={SimpleCookie(answer.headers['Set-Cookie'])['auth_token'].value}"


async def test_login_page_answers(machine: Machine) -> None:
    answer = await AsyncHTTPClient().fetch(request(machine, "/"))
    assert answer.headers["Content-Type"].startswith("text/html")
    assert b"<title>inkvm</title>" in answer.body


async def test_password_of_the_credential_logs_in(machine: Machine) -> None:
    headers = {"Cookie": await cookie(machine)}
    answer = await AsyncHTTPClient().fetch(request(machine, "/api/auth/check", headers=headers))
    assert b'"admin"' in answer.body


async def test_another_password_does_not(machine: Machine) -> None:
    with pytest.raises(HTTPClientError) as refused:
        await login(machine, PASSWORD + "!")
    assert refused.value.code == 403


async def test_stream_decodes_to_what_vivid_shows(machine: Machine) -> None:
    """Frames of a real V4L2 driver, encoded on the device, decoded here; and they change."""
    headers = {"Cookie": await cookie(machine), "Origin": f"https://localhost:{machine.port}"}
    socket_ = await websocket_connect(request(machine, "/api/stream", headers=headers))
    decoder = av.CodecContext.create("h264", "r")
    pictures: list[av.VideoFrame] = []
    while len(pictures) < 10:
        message = await asyncio.wait_for(socket_.read_message(), PATIENCE)
        assert isinstance(message, bytes), f"the stream closed: {socket_.close_code} {socket_.close_reason}"
        version, kind, flags, sequence, captured, _, width, height = HEADER.unpack_from(message)
        assert version == 1
        if kind != 1:
            continue  # other kinds are to be ignored
        assert (width, height) == VIVID
        assert pictures or flags & 1, "the first message is a key frame"
        packet = av.Packet(message[HEADER.size :])
        packet.pts, packet.time_base = captured, Fraction(1, 1_000_000)
        pictures += decoder.decode(packet)
        await socket_.write_message(SHOWN.pack(1, 1, 0, sequence), binary=True)
    socket_.close()
    assert {(picture.width, picture.height) for picture in pictures} == {VIVID}
    assert len({bytes(picture.planes[0]) for picture in pictures}) > 1, "the picture never changes"


async def test_gadget_reaches_its_host(machine: Machine) -> None:
    """The gadget's unit ran, and the USB host (dummy_hcd, in the same kernel) configured it."""
    headers = {"Cookie": await cookie(machine)}
    answer = await AsyncHTTPClient().fetch(request(machine, "/api/info", headers=headers))
    assert b'"usb": {"state": "configured"' in answer.body or b'"usb":{"state":"configured"' in answer.body


async def test_a_drive_is_added_by_the_units(machine: Machine) -> None:
    """The daemon asks in a file, the path unit hears of it, root's one-shot adds the drive, the host configures it."""
    headers = {"Cookie": await cookie(machine), "Origin": f"https://localhost:{machine.port}"}
    body = {"method": "POST", "body": '{"extras": ["storage"]}'}
    await AsyncHTTPClient().fetch(request(machine, "/api/usb/profile", headers=headers, **body))
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await AsyncHTTPClient().fetch(request(machine, "/api/info", headers=headers))
            usb = json.loads(answer.body)["result"]["state"]["usb"]
            assert usb["refusal"] == ""
            if (usb["state"], usb["profile"]) == ("configured", ["storage"]):
                return
            await asyncio.sleep(0.5)  # the status changes at its own pace


def test_chacha20_comes_first(machine: Machine) -> None:
    """The device's processor has no AES instructions; the unit's OPENSSL_CONF orders the suites of TLS 1.3."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("localhost", machine.port)) as raw, context.wrap_socket(raw) as wrapped:
        assert wrapped.cipher() == ("TLS_CHACHA20_POLY1305_SHA256", "TLSv1.3", 256)


def test_no_unit_failed(machine: Machine) -> None:
    """Systemd says so on the console, whichever unit it is."""
    machine.wait_for_console("Startup finished", timeout=900)
    console = machine.console.read_text(errors="replace")
    assert [line for line in console.splitlines() if "Failed to start" in line or "Failed with result" in line] == []
