"""The way of the picture as the daemon wires it, on a simulated board whose encoder's driver can be held up."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app import viewing
from app.bus import Bus
from app.reboot import Reboot
from app.settings import Settings
from app.sim.codec import SimCodec
from app.sim.machine import SimMachine
from app.status import Device, EncoderState
from app.supervisor import Supervisor
from app.video.frame import AccessUnit
from app.video.presets import DEFAULT, preset
from app.video.vigil import WORDS
from app.viewing import Handover


class Machine(SimMachine):
    """Its encoder takes no frame while `returns` is unset."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.returns = threading.Event()
        self.returns.set()

    def open_codec(self) -> SimCodec:
        machine = self

        class Held(SimCodec):
            def put_raw(self, index: int, dmabuf: int, bytesused: int, captured_us: int) -> None:
                machine.returns.wait()
                super().put_raw(index, dmabuf, bytesused, captured_us)

        return Held(self.firmware)


async def test_a_driver_that_does_not_return_is_told_and_root_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.video.vigil.HOPELESS", 0)
    bus = Bus(Device())
    supervisor = Supervisor(bus)
    machine = Machine(asyncio.get_running_loop())
    pipeline, _hub = viewing.assemble(
        machine, Settings(), preset(DEFAULT, "1").build(), Reboot(tmp_path, tmp_path), bus=bus, supervisor=supervisor
    )

    async def told(state: EncoderState) -> str:
        async with asyncio.timeout(30):
            async for device in bus.changes():
                if device.encoder.state == state:
                    return device.encoder.reason
        raise AssertionError

    pipeline.start()
    try:
        pipeline.watch(True)
        usual = await told("running")
        machine.returns.clear()
        assert await told("stalled") == WORDS
        assert await told("failed") == f"{WORDS}; the device reboots"
        assert (tmp_path / "reboot-request").read_text() == f"{WORDS}\n"
        machine.returns.set()
        assert await told("running") == usual
    finally:
        machine.returns.set()
        pipeline.stop()
        await supervisor.stop()
        machine.close()


def unit(sequence: int) -> AccessUnit:
    return AccessUnit(b"", False, sequence, 0, 0, 16, 16)


async def test_what_came_while_the_loop_was_busy_is_handed_over_at_once() -> None:
    got: list[list[int]] = []
    handover = Handover(asyncio.get_running_loop())
    handover.publish = lambda *units: got.append([each.sequence for each in units])
    with ThreadPoolExecutor(1) as thread:
        for number in range(3):
            thread.submit(handover.give, unit(number)).result()  # the loop does nothing else meanwhile
        await asyncio.sleep(0)
        assert got == [[0, 1, 2]]
        await asyncio.sleep(0)
        thread.submit(handover.give, unit(3)).result()
    while len(got) < 2:
        await asyncio.sleep(0)
    assert got == [[0, 1, 2], [3]]
