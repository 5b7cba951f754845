"""Builds the appliance once, runs it, stops it in reverse order. See `--help`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from app import __version__, entrance, identity, networking, operating, ports, viewing
from app.auth import front, passwords, tls
from app.auth.issuer import host_names
from app.auth.watch import Watch, address
from app.bus import Bus
from app.chance import Chance
from app.clock import Clock
from app.firstrun import outcome
from app.hardware import Hardware
from app.heat import Heat
from app.hid.jiggler import Jiggler
from app.hid.keymaps import Keymaps
from app.hid.shortcuts import Shortcuts
from app.lasting import Lasting
from app.net.changes import Changes
from app.notify import keep_alive, notify
from app.options import (
    ADMIN_VARIABLE,
    CARD_TROUBLE,
    FIRST_RUN,
    USER,
    Misfit,
    arguments,
    panel_folder,
    preset_password,
    wanted_settings,
)
from app.options import clock as device_clock
from app.reboot import Reboot
from app.status import Device, Health, Network, Time, Trust
from app.status_socket import StatusSocket
from app.supervisor import Supervisor
from app.video import lanes
from app.video.display import Display
from app.video.encoder import EncoderError
from app.web.clients import Clients
from app.web.glass import Glass
from app.web.hosts import Hosts
from app.web.server import Server
from app.web.services import Services
from app.writer import Writer


def make_hardware(options: argparse.Namespace, loop: asyncio.AbstractEventLoop) -> Hardware:
    """The board, or the simulation. Raises Misfit."""
    if not options.simulate:
        from app.board import Board

        return Board(options.source, options.state)
    try:
        from app.sim.machine import SimMachine
        from app.video import x264

        x264.check()
        return SimMachine(loop)
    except (ImportError, RuntimeError) as error:
        raise Misfit(f"cannot simulate: {error}") from error
    except EncoderError as error:
        raise Misfit(f"cannot encode H.264: {error}") from error


async def run(options: argparse.Namespace, environment: Mapping[str, str]) -> None:
    """The appliance, from start to SIGTERM. Raises Misfit."""
    wanted = wanted_settings(options)
    clock, chance = device_clock(options), Chance()
    loop = asyncio.get_running_loop()
    hostname = socket.gethostname()
    bus = Bus(
        Device(
            network=Network(hostname, port=wanted.web.port), health=Health(__version__), card=outcome.told(FIRST_RUN)
        )
    )
    certificates = entrance.certificates(options, hostname, clock)
    password = preset_password(environment)
    shown = passwords.generate(chance) if password is None and options.simulate and not options.unclaimed else ""

    async with AsyncExitStack() as stack:
        hardware = make_hardware(options, loop)
        stack.callback(hardware.close)

        clients, supervisor = Clients(), Supervisor(bus)
        desk, lease, paster = operating.assemble(stack, hardware, bus, clients, supervisor)

        display = Display(options.state, wanted.video.edid, identity.serial(Path("/")) or "", lanes.board())
        reboot = Reboot(options.state, options.runtime)
        pipeline, hub = viewing.assemble(hardware, wanted, display.edid, reboot, bus=bus, supervisor=supervisor)
        pipeline.start()
        stack.callback(pipeline.stop)

        writer = Writer()
        stack.callback(writer.close)
        gate = entrance.gate(options.state, shown or password, clock, chance, writer)
        stack.callback(gate.close)
        hosts = Hosts(
            [*host_names(hostname), *wanted.web.hosts, *front.extra_hosts(options.state)],
            lambda: (*(bus.device.network.addresses or ()), bus.device.network.name),
        )
        keeper, names, renaming = networking.assemble(options, bus, gate, chance)
        jiggler = Jiggler(desk, bus.publish, asyncio.sleep, active=wanted.hid.jiggler)
        services = Services(
            bus=bus, chance=chance, writer=writer, hub=hub, desk=desk, lease=lease, gate=gate, certificates=certificates, hosts=hosts, clients=clients,
            glass=Glass(panel_folder(options), bus, clock), video=pipeline, display=display, paster=paster,
            keymaps=Keymaps(wanted.hid.keymap), switch=hardware.switch, jiggler=jiggler,
            shortcuts=Shortcuts(options.state / "shortcuts.json"), network=keeper, renaming=renaming,
            changes=Changes(keeper.manager, lambda: keeper.observed, loop.time),
        )  # fmt: skip
        server = Server(services, lambda: certificates.context)
        for stop in ports.listen(server, hosts, wanted.web, ports.inherited(environment)):
            stack.push_async_callback(stop)

        bus.publish(replace(bus.device.network, port=server.port))
        networking.follow_addresses(stack, bus)
        watch = Watch(gate, certificates, bus, writer, listen=wanted.web.listen, clock=clock, password=shown)
        await watch.look()
        panel = StatusSocket(options.runtime / "status.sock", bus)
        await panel.start()
        stack.push_async_callback(panel.stop)

        supervisor.start("watchdog", lambda: keep_alive(environment))
        supervisor.start("jiggler", jiggler.run)
        supervisor.start("access watch", watch.run, lambda: bus.publish(Trust()))
        _watch_board(supervisor, bus, clock, Lasting(options.state, CARD_TROUBLE))
        if not options.simulate:
            supervisor.start("network watch", keeper.run)
            supervisor.start("name service", names.run)
        stack.push_async_callback(supervisor.stop)
        _welcome(
            options, address(wanted.web.listen, bus.device.network), shown, gate.claim_code, certificates.fingerprint
        )
        notify("READY=1", environment)
        await _stop_requested(loop)
        notify("STOPPING=1", environment)


def _watch_board(supervisor: Supervisor, bus: Bus, clock: Clock, lasting: Lasting) -> None:
    """What its files say: whether the clock was set, how warm the board is, whether the card keeps what it is given."""

    def unknown() -> None:
        bus.publish(replace(bus.device.health, temperature=None, slowed=None))

    supervisor.start("clock watch", partial(clock.follow, bus.publish), lambda: bus.publish(Time()))
    supervisor.start("temperature watch", partial(Heat().follow, lambda: bus.device, bus.publish), unknown)
    supervisor.start("card watch", partial(lasting.follow, lambda: bus.device, bus.publish))


def _welcome(options: argparse.Namespace, url: str, password: str, claim: str, fingerprint: str) -> None:
    """What somebody at a terminal needs to know. On the board the code is on the panel, and never in a log."""
    print(f"inkvm is at {url}", flush=True)
    if not options.simulate:
        return
    if claim:
        print(f"claim it at {url}#claim={claim}")
    else:
        print(f"log in as   {USER}, password {password or 'as in ' + ADMIN_VARIABLE}")
    print(f"panel at    {panel_folder(options) / 'panel.png'}")
    print(f"certificate SHA-256 {fingerprint}", flush=True)


async def _stop_requested(loop: asyncio.AbstractEventLoop) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


def main() -> int:
    """Run; the exit status."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.INFO, stream=sys.stderr)
    # Below that it repeats what strangers sent, word for word.
    logging.getLogger("tornado.general").setLevel(logging.WARNING)
    try:
        asyncio.run(run(arguments(sys.argv[1:]), os.environ))
    except (Misfit, tls.BadCertificate) as error:
        print(f"inkvm: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
