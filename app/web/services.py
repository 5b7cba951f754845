"""What the handlers work with: the domains, wired by `app.__main__`."""

from __future__ import annotations

from dataclasses import dataclass

from app.auth.certificates import Certificates
from app.auth.gate import Gate
from app.bus import Bus
from app.chance import Chance
from app.gadget.request import Switch
from app.hid.desk import Desk
from app.hid.jiggler import Jiggler
from app.hid.keymaps import Keymaps
from app.hid.lease import Lease
from app.hid.paste import Paster
from app.hid.shortcuts import Shortcuts
from app.net.changes import Changes
from app.net.keeper import Keeper
from app.net.renaming import Renaming
from app.stream.hub import Hub
from app.video.display import Display
from app.video.pipeline import Pipeline
from app.web.clients import Clients
from app.web.glass import Glass
from app.web.hosts import Hosts
from app.writer import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One of each."""

    bus: Bus
    chance: Chance
    writer: Writer
    hub: Hub
    desk: Desk
    lease: Lease
    gate: Gate
    certificates: Certificates
    hosts: Hosts
    clients: Clients
    glass: Glass
    video: Pipeline
    paster: Paster
    keymaps: Keymaps
    jiggler: Jiggler
    shortcuts: Shortcuts
    display: Display
    switch: Switch
    network: Keeper
    renaming: Renaming
    changes: Changes
