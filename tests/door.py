"""A front door for tests that bring a server of their own: one account, one certificate."""

from __future__ import annotations

import datetime
import ssl
import time
from pathlib import Path

from app.auth import front, tls
from app.auth.accounts import Account
from app.auth.certificates import Certificates
from app.auth.issuer import Issuer
from app.bus import Bus
from app.status import Device
from app.stream.hub import Hub
from app.web.hosts import Hosts
from app.web.services import Services

USER = "test"
_BUILT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def certificate(folder: Path) -> Path:
    """Key and certificate in one PEM file, for `localhost`."""
    Issuer(folder, _BUILT).renew("localhost", [], _BUILT)
    return folder / "tls" / "leaf.pem"


def context(path: Path) -> ssl.SSLContext:
    """The server's settings with that file."""
    settings = tls.context()
    tls.load(settings, path)
    return settings


def services(hub: Hub, folder: Path, address: str) -> Services:
    """What a server needs that only streams: a gate that knows USER, who calls it by that address."""
    gate, _close = front.open_gate(folder, {USER: Account(USER, "admin", "scrypt:00:00")}, time.time, 0)
    certificates = Certificates(folder, folder, "localhost", Issuer(folder, _BUILT), lambda: _BUILT)
    hosts = Hosts([address], lambda: ())
    return Services(Bus(Device()), hub, None, None, gate, certificates, hosts, None, None)  # type: ignore[arg-type]
