"""The way of the keys, from who may type to the target's USB port."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack

from app.bus import Bus
from app.gadget.monitor import Monitor
from app.hardware import Hardware
from app.hid import keyboard
from app.hid.desk import Desk
from app.hid.lease import Lease
from app.hid.output import Output
from app.hid.paste import Paster
from app.status import Control
from app.supervisor import Supervisor
from app.web.clients import Clients


def assemble(
    stack: AsyncExitStack, hardware: Hardware, bus: Bus, clients: Clients, supervisor: Supervisor
) -> tuple[Desk, Lease, Paster]:
    """All of it, on the running loop; the stack ends it."""
    loop = asyncio.get_running_loop()
    desk = Desk(loop.time)
    monitor = Monitor(hardware.usb_state, hardware.switch, bus.publish, desk.renew)
    supervisor.start("USB watch", monitor.run, monitor.forget)

    def lost(reports: int, reason: str) -> None:
        clients.tell(bus.device.control.client, "lost", {"reports": reports, "reason": reason})

    outputs = [
        Output(hardware.port(name), loop, state, released, lost=lost, received=received)
        for name, state, released, received in _functions(desk, monitor)
    ]
    desk.attach(*outputs)

    async def stop() -> None:
        await asyncio.gather(*(output.stop() for output in outputs))

    stack.push_async_callback(stop)
    desk.renew()
    paster = Paster(desk, outputs[0], bus.publish, loop.time, asyncio.sleep)
    stack.callback(paster.stop, "the device stops")

    def passed(control: Control) -> None:
        paster.passed(control)
        bus.publish(control)

    return desk, Lease(desk.release, passed, lambda client: clients.tell(client, "lapsed", {}), loop), paster


def _functions(
    desk: Desk, monitor: Monitor
) -> Iterator[tuple[str, Callable[[], bytes], Callable[[], bytes], Callable[[bytes | None], None] | None]]:
    """What the desk's reports go through: the port, what tells all that is held, what lets go of it, and who hears the target."""

    def lit(report: bytes | None) -> None:
        monitor.leds(None if report is None else keyboard.leds(report))

    yield "keyboard", desk.keyboard.report, lambda: desk.dropped(desk.keyboard), lit
    yield "pointer", desk.pointer.report, desk.pointer.release, None
    yield "mouse", desk.mouse.report, desk.mouse.release, None
    yield "consumer", desk.consumer.report, lambda: desk.dropped(desk.consumer), None
    yield "system", desk.system.report, lambda: desk.dropped(desk.system), None
