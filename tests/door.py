"""A front door for tests that bring a server of their own: one account, one certificate."""

from __future__ import annotations

import datetime
import ssl
from dataclasses import fields
from pathlib import Path
from typing import Any

from app.auth import front, tls
from app.auth.accounts import Account
from app.auth.certificates import Certificates
from app.auth.issuer import Issuer
from app.bus import Bus
from app.chance import Chance
from app.clock import Clock
from app.status import Device
from app.stream.hub import Hub
from app.web.hosts import Hosts
from app.web.services import Services
from app.writer import Writer

USER = "test"
_BUILT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def certificate(folder: Path) -> Path:
    """Key and certificate in one PEM file, for `localhost`."""
    Issuer(folder, _BUILT, Clock(None)).renew("localhost", [])
    return folder / "tls" / "leaf.pem"


def context(path: Path) -> ssl.SSLContext:
    """The server's settings with that file."""
    settings = tls.context()
    tls.load(settings, path)
    return settings


def services(hub: Hub, folder: Path, address: str, **others: Any) -> Services:
    """What a server needs that only streams, and others: a gate that knows USER, who calls it by that address."""
    writer = Writer()
    gate = front.open_gate(folder, {USER: Account(USER, "admin", "scrypt:00:00")}, Clock(None), Chance(), writer)
    certificates = Certificates(folder, folder, "localhost", Issuer(folder, _BUILT, Clock(None)))
    hosts = Hosts([address], lambda: ())
    given: dict[str, Any] = {
        "bus": Bus(Device()), "chance": Chance(), "writer": writer, "hub": hub, "gate": gate, "certificates": certificates, "hosts": hosts, **others,
    }  # fmt: skip
    return Services(**{field.name: given.get(field.name) for field in fields(Services)})
