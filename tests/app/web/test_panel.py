"""The panel as a browser sees it."""

from __future__ import annotations

import json

import pytest

from app.bus import Bus
from app.clock import Clock
from app.status import Claim, Device, Hotspot, Panel
from app.web import errors
from app.web.glass import Glass
from epaper.page import Join, Ready, SetUp
from tests.appliance import Appliance
from tests.client import Client

FACTS = {
    "page": "Ready",
    "as_of": "as of now",
    "drawn": 12.5,
    "boots": 3,
    "flashing_refreshes": 7,
    "partial_refreshes": 31,
}


def test_what_the_panels_service_left_is_given(appliance: Appliance, client: Client) -> None:
    for path in ("/api/panel.png", "/api/panel"):
        answer = client.request("GET", path)
        assert answer.status == 503
        assert "absent, or its service does not run" in answer.result["error_msg"]
    (appliance.panel / "panel.png").write_bytes(b"the picture")
    (appliance.panel / "panel.json").write_text(json.dumps(FACTS))
    answer = client.request("GET", "/api/panel.png")
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "image/png", b"the picture")
    assert client.request("GET", "/api/panel").result == FACTS


def test_fingerprint_is_shown_on_demand(client: Client) -> None:
    assert client.request("POST", "/api/panel?show=fingerprint").status == 200
    state = client.request("GET", "/api/info").result["state"]
    assert state["panel"] == {"show": "fingerprint"}
    assert len(state["trust"]["fingerprint"].split(":")) == 32
    assert client.request("POST", "/api/panel?show=").status == 200
    assert client.request("GET", "/api/info").result["state"]["panel"] == {"show": ""}
    refused = client.request("POST", "/api/panel?show=secrets")
    assert refused.status == 400
    assert refused.result["error_msg"] == "page is 'secrets', expected fingerprint, or nothing for the usual one"


@pytest.mark.parametrize(
    "device",
    [
        Device(claim=Claim("https://192.168.1.42/", "K7WQM-2XD9P")),
        Device(hotspot=Hotspot("inkvm-4f2a", "secret", "10.42.0.1")),
    ],
)
def test_never_while_the_picture_would_hold_a_way_in(tmp_path, device: Device) -> None:
    (tmp_path / "panel.png").write_bytes(b"x")
    glass = Glass(tmp_path, Bus(device), Clock(None))
    for look in (glass.picture, glass.facts):
        with pytest.raises(errors.Forbidden, match="for those who stand before it"):
            look()


@pytest.mark.parametrize("page", [SetUp, Join])
def test_nor_before_the_glass_has_forgotten_the_way_in(tmp_path, page: type) -> None:
    (tmp_path / "panel.png").write_bytes(b"x")
    (tmp_path / "panel.json").write_text(json.dumps(FACTS | {"page": page.__name__}))
    glass = Glass(tmp_path, Bus(Device()), Clock(None))
    for look in (glass.picture, glass.facts):
        with pytest.raises(errors.Forbidden, match="for those who stand before it"):
            look()
    (tmp_path / "panel.json").write_text(json.dumps(FACTS | {"page": Ready.__name__}))
    assert glass.picture()[0] == b"x"


async def test_the_usual_page_comes_back(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("app.web.glass._SHOWN_FOR", 0.01)
    bus = Bus(Device())
    Glass(tmp_path, bus, Clock(None)).show("fingerprint")
    seen = []
    async for device in bus.changes():
        seen.append(device.panel)
        if len(seen) == 2:
            break
    assert seen == [Panel("fingerprint"), Panel()]
