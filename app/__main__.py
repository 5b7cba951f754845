"""Builds the appliance once, runs it, stops it in reverse order. See `--help`."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import datetime
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from app import __version__, settings
from app.auth import front, passwords, tls
from app.auth.accounts import Account
from app.auth.certificates import Certificates
from app.auth.errors import BadState
from app.auth.gate import Gate
from app.auth.issuer import Issuer, host_names
from app.auth.watch import Watch, address
from app.bus import Bus
from app.gadget.monitor import Monitor
from app.hardware import Hardware
from app.heat import Heat
from app.hid import keyboard
from app.hid.desk import Desk
from app.hid.lease import Lease
from app.hid.output import Output
from app.net.addresses import Addresses
from app.notify import keep_alive, notify
from app.options import ADMIN_VARIABLE, USER, Misfit, arguments, panel_folder, preset_password, wanted_settings
from app.status import Device, Health, Network
from app.status_socket import StatusSocket
from app.stream.hub import Hub
from app.stream.rate import Rate
from app.video import thumbnail
from app.video.encoder import Encoder, EncoderError, EncoderFactory
from app.video.frame import RawFormat
from app.video.pipeline import Pipeline
from app.web.clients import Clients
from app.web.fallback import Fallback
from app.web.glass import Glass
from app.web.hosts import Hosts
from app.web.redirect import Redirect
from app.web.server import Server
from app.web.services import Services

HTTP, HTTPS = 80, 443
_REVIEW = 1.0
"""Seconds."""


def software_encoder(bitrate: int) -> EncoderFactory:
    """Sessions of libx264. PyAV is imported with the first of them: it is large, and a hardware encoder does without."""

    def make(raw: RawFormat, buffers: Sequence[int]) -> Encoder:
        from app.video.software import SoftwareEncoder

        return SoftwareEncoder(raw, buffers, microseconds, bitrate)

    return make


def microseconds() -> int:
    """CLOCK_MONOTONIC, which also stamps the kernel's frames."""
    return time.monotonic_ns() // 1000


def make_hardware(options: argparse.Namespace, loop: asyncio.AbstractEventLoop) -> Hardware:
    """The board, or the simulation. Raises Misfit."""
    if not options.simulate:
        from app.board import Board

        return Board(options.source)
    try:
        from app.sim.machine import SimMachine
        from app.video import software

        software.check()
        return SimMachine(loop)
    except (ImportError, RuntimeError) as error:
        raise Misfit(f"cannot simulate: {error}") from error
    except EncoderError as error:
        raise Misfit(f"cannot encode H.264: {error}") from error


async def reviews(hub: Hub) -> None:
    """The encoder follows its viewers, once a second while there are any."""
    while True:
        await asyncio.sleep(_REVIEW)
        hub.review()


async def run(options: argparse.Namespace, environment: Mapping[str, str]) -> None:
    """The appliance, from start to SIGTERM. Raises Misfit."""
    wanted = wanted_settings(options)
    loop = asyncio.get_running_loop()
    hostname = socket.gethostname()
    bus = Bus(Device(network=Network(hostname, port=wanted.web.port), health=Health(__version__)))
    certificates = _certificates(options, hostname)
    password = preset_password(environment)
    shown = passwords.generate() if password is None and options.simulate and not options.unclaimed else ""

    async with AsyncExitStack() as stack:
        hardware = make_hardware(options, loop)
        stack.callback(hardware.close)

        desk = Desk()
        clients = Clients()
        lease = Lease(desk.release, bus.publish)
        monitor = Monitor(hardware.usb_state, bus.publish)

        def lost(reports: int, reason: str) -> None:
            clients.tell(bus.device.control.client, "lost", {"reports": reports, "reason": reason})

        keys = Output(
            hardware.port("keyboard"), loop, lambda: keyboard.RELEASED, lost,
            lambda report: monitor.leds(keyboard.leds(report)),
        )  # fmt: skip
        points = Output(hardware.port("pointer"), loop, desk.pointer.release, lost)
        moves = Output(hardware.port("mouse"), loop, desk.mouse.release, lost)
        desk.attach(keys, points, moves)
        for output in (keys, points, moves):
            output.start()
            stack.callback(output.stop)

        pipeline = Pipeline(
            hardware.open_source,
            software_encoder(wanted.video.bitrate),
            microseconds,
            lambda part: loop.call_soon_threadsafe(bus.publish, part),
            lambda unit: loop.call_soon_threadsafe(hub.publish, unit),
        )
        hub = Hub(microseconds, pipeline, Rate(wanted.video.bitrate), bus.publish)
        hub.still_demand = Fallback(hub).want
        pipeline.start()
        stack.callback(pipeline.stop)

        gate, close_gate = _gate(options.state, shown or password)
        stack.callback(close_gate)
        hosts = Hosts(
            [*host_names(hostname), *wanted.web.hosts, *front.extra_hosts(options.state)],
            lambda: bus.device.network.addresses or (),
        )
        services = Services(
            bus, hub, desk, lease, gate, certificates, hosts, clients, Glass(panel_folder(options), bus)
        )
        server = Server(services, certificates.context)
        for stop in _listen(server, hosts, wanted.web):
            stack.push_async_callback(stop)

        addresses = Addresses()
        stack.callback(addresses.close)
        bus.publish(dataclasses.replace(bus.device.network, port=server.port))
        _watch_addresses(addresses, bus, loop)
        stack.callback(loop.remove_reader, addresses.fileno())
        watch = Watch(gate, certificates, bus, listen=wanted.web.listen, clock=time.monotonic, password=shown)
        watch.look()
        panel = StatusSocket(options.runtime / "status.sock", bus)
        await panel.start()
        stack.push_async_callback(panel.stop)

        watchers = (watch.run(), *_watchers(wanted, bus, hub))
        for coroutine in (monitor.run(), keep_alive(environment), reviews(hub), *watchers):
            stack.callback(asyncio.ensure_future(coroutine).cancel)
        _welcome(
            options, address(wanted.web.listen, bus.device.network), shown, gate.claim_code, certificates.fingerprint
        )
        notify("READY=1", environment)
        await _stop_requested(loop)
        notify("STOPPING=1", environment)


def _certificates(options: argparse.Namespace, hostname: str) -> Certificates:
    built = datetime.datetime.fromtimestamp(_built(), datetime.UTC)
    issuer = Issuer(options.state, built)
    try:
        return Certificates(
            options.state, options.runtime, hostname, issuer, lambda: datetime.datetime.now(datetime.UTC)
        )
    except OSError as error:
        raise Misfit(f"cannot use {error.filename}: {error.strerror}; python3 -m app.auth makes it") from error
    except ValueError as error:
        raise Misfit(f"cannot make a certificate: {error}") from error


def _built() -> float:
    """Seconds since the epoch when this software was built, as its files say: now cannot be earlier."""
    return Path(__file__).stat().st_mtime


def _gate(state: Path, password: str | None) -> tuple[Gate, Callable[[], None]]:
    presets = {} if password is None else {USER: Account(USER, "admin", passwords.digest(password))}
    try:
        return front.open_gate(state, presets, time.time, _built())
    except BadState as error:
        raise Misfit(str(error)) from error


def _listen(server: Server, hosts: Hosts, web: settings.Web) -> Iterator[Callable[[], Awaitable[None]]]:
    """Serve, and redirect plain HTTP where HTTPS has its usual port. What stops each. Raises Misfit."""
    try:
        server.start(web.listen, web.port)
    except (OSError, OverflowError) as error:
        where = f"{web.listen or '*'}:{web.port}"
        words = error.strerror if isinstance(error, OSError) else str(error)
        raise Misfit(f"cannot listen on {where}: {words}; choose another with --listen and --port") from error
    yield server.stop
    if server.port == HTTPS:
        redirect = Redirect(hosts, HTTPS)
        try:
            redirect.start(web.listen, HTTP)
        except OSError as error:  # that somebody else has port 80 is no reason not to start
            logging.getLogger(__name__).warning("plain HTTP is not redirected: %s", error.strerror)
        yield redirect.stop


def _watch_addresses(addresses: Addresses, bus: Bus, loop: asyncio.AbstractEventLoop) -> None:
    def look() -> None:
        addresses.drain()
        bus.publish(dataclasses.replace(bus.device.network, addresses=addresses.now()))

    look()
    loop.add_reader(addresses.fileno(), look)


def _watchers(wanted: settings.Settings, bus: Bus, hub: Hub) -> Iterator[Coroutine[Any, Any, None]]:
    """What looks at the device for the panel's sake."""
    yield Heat().follow(lambda: bus.device, bus.publish)

    async def key_frame() -> bytes:
        return (await hub.key_frame()).data

    if wanted.panel.thumbnail:
        yield thumbnail.follow(lambda: bus.device, key_frame, bus.publish)


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
    try:
        asyncio.run(run(arguments(sys.argv[1:]), os.environ))
    except (Misfit, tls.BadCertificate) as error:
        print(f"inkvm: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
