"""What the handlers work with: the domains, wired by `app.__main__`."""

from __future__ import annotations

from dataclasses import dataclass

from app.auth.certificates import Certificates
from app.auth.gate import Gate
from app.bus import Bus
from app.hid.desk import Desk
from app.hid.lease import Lease
from app.stream.hub import Hub
from app.web.clients import Clients
from app.web.glass import Glass
from app.web.hosts import Hosts


@dataclass(frozen=True, slots=True)
class Services:
    """One of each."""

    bus: Bus
    hub: Hub
    desk: Desk
    lease: Lease
    gate: Gate
    certificates: Certificates
    hosts: Hosts
    clients: Clients
    glass: Glass
