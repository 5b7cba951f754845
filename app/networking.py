"""Who looks after the network: its connections and the access point of an unclaimed device, the name, the addresses."""

from __future__ import annotations

import argparse
import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from app import identity
from app.auth.gate import Gate
from app.bus import Bus
from app.chance import Chance
from app.net.addresses import Addresses
from app.net.invitation import invitation
from app.net.keeper import Keeper
from app.net.names import Names
from app.net.renaming import Renaming
from app.net.setup import SetUp
from app.web.join import Door

_NO_SERVICE = "the network's service does not answer"
_NO_NETWORK = "a simulated device has no network to change: this computer's own is left alone"
"""There is no simulated NetworkManager."""


def assemble(options: argparse.Namespace, bus: Bus, gate: Gate, chance: Chance) -> tuple[Keeper, Names, Renaming]:
    """Who looks after the network, and after the name."""
    door, serial, state = Door(chance), identity.serial(Path("/")), options.state
    setup = SetUp(
        lambda: invitation(state, serial, chance), lambda: gate.claimed, bus.publish, door.show, time.monotonic
    )
    names = Names(bus, serial or "", state / "hostname")
    keeper = Keeper(bus, setup, time.monotonic, _NO_NETWORK if options.simulate else _NO_SERVICE)
    return keeper, names, Renaming(names, bus, state / "hostname", time.monotonic)


def follow_addresses(stack: AsyncExitStack, bus: Bus) -> None:
    """Publish the machine's addresses, now and whenever the kernel has news, until the stack ends it."""
    loop, addresses = asyncio.get_running_loop(), Addresses()
    stack.callback(addresses.close)

    def look() -> None:
        addresses.drain()
        bus.publish(replace(bus.device.network, addresses=addresses.now()))

    look()
    loop.add_reader(addresses.fileno(), look)
    stack.callback(loop.remove_reader, addresses.fileno())
