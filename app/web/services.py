"""What the handlers work with: the domains, wired by `app.__main__`."""

from __future__ import annotations

from dataclasses import dataclass

from app.auth.passwords import Accounts
from app.auth.sessions import Sessions
from app.bus import Bus
from app.hid.desk import Desk
from app.hid.lease import Lease
from app.stream.hub import Hub
from app.web.clients import Clients
from app.web.glass import Glass


@dataclass(frozen=True, slots=True)
class Services:
    """One of each."""

    bus: Bus
    hub: Hub
    desk: Desk
    lease: Lease
    accounts: Accounts
    sessions: Sessions
    clients: Clients
    glass: Glass
