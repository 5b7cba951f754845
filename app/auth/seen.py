"""Whether the device's own leaf is due, as far as the daemon has to know, with the standard library alone.

What it holds is looked up in a handshake with itself, as a browser that trusts the authority would see it: the daemon looks for as
long as it runs, and cryptography would take 11 MB of memory for it.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from app.auth.authority import EARLY, PRIVATE, Moment, is_name

_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL's x509_vfy.h, which Python does not name: without a battery, now may be a guess."""
_STEPS = 3
"""The client's hello, the server's answer with its certificate, and the client's verdict."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a certificate says of itself. Times are in seconds since the epoch."""

    names: frozenset[str]
    """Names and addresses that it is for."""
    begin: float
    end: float


def seen(leaf: Path, authority: Path) -> Seen:
    """What a client sees that trusts the authority. Raises OSError, and ssl.SSLError, a kind of it, if it would refuse the leaf."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.load_cert_chain(leaf)
    client.load_verify_locations(authority)
    client.check_hostname = False  # it has many names, and which of them are missing is what is asked
    client.verify_flags |= _NO_CHECK_TIME
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    caller = client.wrap_bio(to_client, to_server)
    sides = caller, server.wrap_bio(to_server, to_client, server_side=True)
    for step in range(_STEPS):
        with suppress(ssl.SSLWantReadError):
            sides[step % 2].do_handshake()
    told = caller.getpeercert() or {}
    names = frozenset(_plain(str(entry[1])) for entry in told.get("subjectAltName", ()))
    begin, end = (float(ssl.cert_time_to_seconds(str(told[key]))) for key in ("notBefore", "notAfter"))
    return Seen(names, begin, end)


def due(leaf: Path, authority: Path, names: Iterable[str], moment: Moment) -> bool:
    """Whether root should look: `authority.due`, for the addresses and names that come and go. Root knows the others by itself."""
    try:
        found = seen(leaf, authority)
    except ssl.SSLError:
        return True
    now = moment.now.timestamp()
    if now > found.end - EARLY.total_seconds() or (moment.known and now < found.begin):
        return True
    return any(_plain(name) not in found.names for name in names if _may_be(name))


def _may_be(name: str) -> bool:
    """Whether any authority of ours would vouch for it."""
    try:
        address = ip_address(name)
    except ValueError:
        return is_name(name) and name.endswith(".local")
    return any(address in each for each in PRIVATE)


def _plain(name: str) -> str:
    """An address as everybody writes it; OpenSSL has a way of its own."""
    try:
        return str(ip_address(name))
    except ValueError:
        return name
