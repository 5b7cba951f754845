"""Keeps the authority and the leaf on the data partition. On the board only root gets here (`python3 -m app.auth`)."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from app import durable
from app.auth import authority
from app.auth.authority import Issued, Moment
from app.clock import Clock
from app.durable import Owner

REQUEST = "certificate-request"
"""The file in the runtime folder that starts the root's one-shot, which reads the addresses in it."""
REMEMBERED = 16
"""Addresses of before that a new leaf keeps."""


class Issuer:
    """The files below the state folder: `authority/key.pem` for its owner alone, `tls/authority.pem` and `tls/leaf.pem`.

    Args:
        state: the state folder.
        built: when the software was built.
        clock: the time of day, and whether it is known.
        owner: who gets what is made for the daemon; None leaves it ours.
    """

    def __init__(self, state: Path, built: datetime.datetime, clock: Clock, owner: Owner | None = None) -> None:
        self._vault = state / "authority"
        self._tls = state / "tls"
        self._owner = owner
        self._built = built
        self._clock = clock

    @property
    def may_issue(self) -> bool:
        """Whether this process owns the authority's key, or may make one."""
        return os.geteuid() == 0 or not self._vault.exists() or os.access(self._vault / "key.pem", os.R_OK)

    @property
    def moment(self) -> Moment:
        """Now, as far as the device knows."""
        return Moment(datetime.datetime.fromtimestamp(self._clock.wall(), datetime.UTC), known=self._clock.known)

    def renew(self, hostname: str, addresses: Sequence[str]) -> str:
        """Issue a leaf if one is due; says why in words, or nothing. Raises OSError, ValueError."""
        durable.folder(self._vault)  # the folder around it is the daemon's, who may have put something in its place
        issuer = self._authority(hostname)
        names = [*host_names(hostname), *addresses]
        leaf = _content(self._tls / "leaf.pem")
        moment = self.moment
        reason = authority.due(issuer.certificate, leaf, names, moment) if leaf else "there is no certificate yet"
        if reason:
            issued = authority.issue(issuer, [*names, *_addresses_of(leaf)], self._built, moment)
            self._put(self._tls / "leaf.pem", issued.key + issued.certificate, 0o600)
        return reason

    def _authority(self, hostname: str) -> Issued:
        """The one that is there, or a new one. The key goes first: without its certificate it is only made anew."""
        key, certificate = _content(self._vault / "key.pem"), _content(self._tls / "authority.pem")
        if not key or not certificate:
            made = authority.make(hostname, self._built)
            self._put(self._tls / "authority.pem", b"", 0o644)
            durable.replace(self._vault / "key.pem", made.key)
            self._put(self._tls / "authority.pem", made.certificate, 0o644)
            return made
        return Issued(certificate, key)

    def _put(self, path: Path, content: bytes, mode: int) -> None:
        durable.folder(path.parent, self._owner)
        durable.replace(path, content, mode, self._owner)


def host_names(hostname: str) -> list[str]:
    """What the device is called in its own network, and on itself."""
    names = [hostname] if "." in hostname else [hostname, f"{hostname}.local"]
    return [*names, "localhost", "127.0.0.1", "::1"]


def _content(path: Path) -> bytes:
    """What is in the file; nothing where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _addresses_of(leaf: bytes) -> list[str]:
    """The addresses of the leaf before, so that a network that comes and goes is no reason for yet another one."""
    try:
        return [name for name in authority.names_of(leaf) if _is_address(name)][:REMEMBERED]
    except Exception:  # noqa: BLE001 - a leaf that cannot be read is replaced, and remembers nothing
        return []


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
