"""The certificate that the web server shows: the owner's where there is one, else the device's own, kept current."""

from __future__ import annotations

import json
import ssl
from collections.abc import Sequence
from pathlib import Path

from app import durable
from app.auth import seen, tls, uploaded
from app.auth.errors import NotAcceptable
from app.auth.issuer import REQUEST, Issuer


class Certificates:
    """The daemon's side. It issues by itself only where it owns the authority's key: in a simulation.

    `load` is for the event loop, whose handshakes use the context of that moment; what writes is for another thread.

    Args:
        state: the state folder, with `tls/` below it.
        runtime: where the request file goes.
        hostname: the device's name.
        issuer: issues leaves, where this process may.

    Raises:
        OSError, ValueError: there is no certificate, and none can be made.
        BadCertificate: there is one, and it cannot be used.
    """

    def __init__(self, state: Path, runtime: Path, hostname: str, issuer: Issuer) -> None:
        self._folder = state / "tls"
        self._request = runtime / REQUEST
        self._hostname = hostname
        self._issuer = issuer
        self._loaded: tuple[Path, int] | None = None
        self.fault = ""
        """Why the owner's certificate is not used; empty where it is, or where there is none."""
        self.addresses: Sequence[str] = ()
        self.context: ssl.SSLContext
        """For the next handshake; another one with every certificate."""
        # Root has looked for its own names before the daemon began, and the first address that is known makes the daemon look.
        if issuer.may_issue:
            self.refresh()
        self.load()

    @property
    def owners(self) -> bool:
        """Whether it is the owner's own."""
        return not self.fault and (self._folder / "owner.pem").exists()

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
        """Have a new leaf issued if one is due: names or addresses have changed, or its end is near. Raises OSError."""
        if self._issuer.may_issue:
            self._issuer.renew(self._hostname, self.addresses)
            return
        leaf, issuer = self._folder / "leaf.pem", self._folder / "authority.pem"
        if seen.due(leaf, issuer, self.addresses, self._issuer.moment):
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
        try:
            # Not into the old one: OpenSSL keeps a certificate of each kind of key, and would go on showing what was there before.
            fresh = tls.context()
            tls.load(fresh, path)
        except tls.BadCertificate as error:
            if not self.owners:
                raise
            # OpenSSL may have become stricter since the upload. The device stays reachable, to be given another one.
            self.fault = f"your own certificate cannot be used, and the device's own is instead: {error}"
            return self.load()
        self.context = fresh
        self._loaded = (path, stamp)
        return True

    def upload(self, chain: str, key: str) -> None:
        """Keep the owner's certificate, for `load` to use. Raises NotAcceptable in words, OSError."""
        pem = uploaded.checked(chain, key, self._issuer.moment.now)
        trial = self._folder / ".trial.pem"
        durable.replace(trial, pem)
        try:
            tls.context().load_cert_chain(trial)  # OpenSSL has the last word
        except ssl.SSLError as error:
            reason = (error.reason or "for a reason that it does not tell").replace("_", " ").lower()
            raise NotAcceptable(f"OpenSSL refuses the certificate or one of its chain: {reason}") from error
        finally:
            trial.unlink()
        durable.replace(self._folder / "owner.pem", pem)
        self.fault = ""

    def forget_upload(self) -> None:
        """Back to the device's own, with the next `load`. Raises OSError."""
        (self._folder / "owner.pem").unlink(missing_ok=True)
        self.fault = ""
        durable.sync(self._folder)
