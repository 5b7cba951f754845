"""The certificate that the web server shows: the owner's where there is one, else the device's own, kept current."""

from __future__ import annotations

import datetime
import json
import os
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

from app import durable
from app.auth import authority, tls, uploaded
from app.auth.issuer import Issuer, host_names

REQUEST = "certificate-request"
"""The file in the runtime folder that starts the root's one-shot, which reads the addresses in it."""


class Certificates:
    """The daemon's side. It issues by itself only where it owns the authority's key: in a simulation.

    Args:
        state: the state folder, with `tls/` below it.
        runtime: where the request file goes.
        hostname: the device's name.
        issuer: issues leaves, where this process may.
        clock: now, as far as the device knows.

    Raises:
        OSError, ValueError: there is no certificate, and none can be made.
        BadCertificate: there is one, and it cannot be used.
    """

    def __init__(
        self, state: Path, runtime: Path, hostname: str, issuer: Issuer, clock: Callable[[], datetime.datetime]
    ) -> None:
        self._folder = state / "tls"
        self._request = runtime / REQUEST
        self._hostname = hostname
        self._issuer = issuer
        self._clock = clock
        self._loaded: tuple[Path, int] | None = None
        self.addresses: Sequence[str] = ()
        self.context = tls.context()
        self.refresh()
        self.load()

    @property
    def owners(self) -> bool:
        """Whether it is the owner's own."""
        return (self._folder / "owner.pem").exists()

    @property
    def path(self) -> Path:
        """The PEM file in use, key and chain."""
        return self._folder / ("owner.pem" if self.owners else "leaf.pem")

    @property
    def fingerprint(self) -> str:
        """Of the certificate in use, as browsers print it."""
        return tls.fingerprint(self.path.read_bytes())

    def authority(self) -> bytes:
        """The device's own authority: its certificate in DER. Raises OSError."""
        return tls.der((self._folder / "authority.pem").read_bytes())

    def refresh(self) -> None:
        """Have a new leaf issued if one is due: names or addresses have changed, or its end is near."""
        if self._issuer.may_issue:
            self._issuer.renew(self._hostname, self.addresses, self._clock())
            return
        names = [*host_names(self._hostname), *self.addresses]
        issuer, leaf = ((self._folder / name).read_bytes() for name in ("authority.pem", "leaf.pem"))
        if authority.due(issuer, leaf, names, self._clock()):
            self.ask()

    def ask(self) -> None:
        """Have root look: at the certificate, and at what the card has to do with access. Raises OSError."""
        if not self._issuer.may_issue:
            durable.replace(self._request, json.dumps(list(self.addresses)).encode(), 0o640)

    def load(self) -> bool:
        """Use the file as it is now, from the next connection on; whether that is news. Raises BadCertificate."""
        path = self.path
        stamp = path.stat().st_mtime_ns
        if self._loaded == (path, stamp):
            return False
        tls.load(self.context, path)
        self._loaded = (path, stamp)
        return True

    def upload(self, chain: str, key: str) -> None:
        """Use the owner's certificate. Raises NotAcceptable in words, OSError."""
        pem = uploaded.checked(chain, key, self._clock())
        trial = self._folder / ".trial.pem"
        durable.replace(trial, pem)
        try:
            tls.load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), trial)  # OpenSSL has the last word
        finally:
            trial.unlink()
        durable.replace(self._folder / "owner.pem", pem)
        self.load()

    def forget_upload(self) -> None:
        """Back to the device's own. Raises OSError."""
        (self._folder / "owner.pem").unlink(missing_ok=True)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.load()
