"""`/api/tls`: the certificate in use, the authority to install, and the owner's own certificate."""

from __future__ import annotations

from app.web import errors
from app.web.guard import Guarded
from app.web.own import Own


class Authority(Guarded):
    """`/api/tls/authority`."""

    role = "viewer"
    any_scope = True

    def get(self) -> None:
        """The device's authority in DER, which every system installs from a file of this type."""
        self.set_header("Content-Type", "application/x-x509-ca-cert")
        name = self.services.bus.device.network.hostname or "inkvm"
        self.set_header("Content-Disposition", f'attachment; filename="{name}.crt"')
        self.finish(self.services.certificates.authority())


class Certificate(Own):
    """`/api/tls/certificate`."""

    role = "admin"

    def get(self) -> None:
        """Its fingerprint, and whether it is the owner's own."""
        certificates = self.services.certificates
        self.answer({"fingerprint": certificates.fingerprint, "own": certificates.owners})

    async def put(self) -> None:
        """`chain`, `key`, both PEM: used from the next connection on."""
        body = self.json()
        chain, key = body.get("chain"), body.get("key")
        if not isinstance(chain, str) or not isinstance(key, str):
            raise errors.BadRequest("chain or key is missing: both are PEM text")
        certificates = self.services.certificates
        await self.services.writer.durably(certificates.upload, chain, key)
        certificates.load()
        self.note("certificate uploaded", fingerprint=certificates.fingerprint)
        self.get()

    async def delete(self) -> None:
        """Back to the device's own."""
        await self.services.writer.durably(self.services.certificates.forget_upload)
        self.services.certificates.load()
        self.note("certificate removed")
        self.get()
