"""What a panel's connection says, and that it ends when nothing more can be said on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import status_line
from app.bus import Bus
from app.status import Device
from app.status_socket import StatusSocket


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Bus]:
    bus = Bus(Device())
    served = StatusSocket(tmp_path / "status.sock", bus)
    await served.start()
    yield bus
    await served.stop()


async def test_the_state_at_first_and_at_every_change(bus: Bus, tmp_path: Path) -> None:
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "status.sock"))
    assert status_line.from_json(await reader.readline()) == bus.device
    bus.publish(replace(bus.device.network, wifi="shop"))
    assert status_line.from_json(await reader.readline()).network.wifi == "shop"
    writer.close()


async def test_a_panel_that_cannot_be_told_notices(
    bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "status.sock"))
    await reader.readline()

    def fails(_device: Device) -> bytes:
        raise TypeError("a part that JSON does not know")

    monkeypatch.setattr(status_line, "to_json", fails)
    bus.publish(replace(bus.device.network, wifi="shop"))
    assert await reader.read() == b""
    writer.close()
    async with asyncio.timeout(30):
        while not caplog.records:
            await asyncio.sleep(0)
    assert [record.message for record in caplog.records] == ["a panel's connection failed, and is closed"]
    assert "a part that JSON does not know" in caplog.text
