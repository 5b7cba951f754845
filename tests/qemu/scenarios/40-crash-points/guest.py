"""The device is claimed, used and grown, while every write to its card is logged; what was acknowledged is marked on the card."""

import datetime
import json
import mmap
import os
from pathlib import Path

from tests.qemu.guest.say import Api, fact, run, scale, shown, until

STATE = Path("/var/lib/inkvm")
SPARE = "/dev/disk/by-partuuid/494b564d-06"
"""Slot B's root, which nobody uses: the marks are there, apart from every file system."""
ROUNDS = 12 + 4 * scale()
"""Enough writes for all the moments that are asked for."""
KEPT = 40

api = Api()
spare = os.open(SPARE, os.O_WRONLY | os.O_DIRECT)
block = mmap.mmap(-1, 4096)
names = []


def mark(**done):
    """What is acknowledged by now: a write past the caches, which waits for no flush."""
    block[:] = json.dumps(done).encode().ljust(4096)
    os.write(spare, block)
    os.lseek(spare, 0, os.SEEK_SET)


def uploaded():
    """An owner's own certificate, through the page's door."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "inkvm")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + datetime.timedelta(90)
    )
    chain = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("inkvm")]), critical=False).sign(
        key, hashes.SHA256()
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    api.call("PUT", "/api/tls/certificate", chain=chain.public_bytes(pem).decode(), key=secret.decode())


def careless(number):
    """The control: a file put in place without fsync, which the checks have to catch."""
    draft = STATE / ".careless"
    draft.write_text(str(number))
    draft.rename(STATE / "careless")


until("there is a claim code", (STATE / "access/claim.json").exists)
code = json.loads((STATE / "access/claim.json").read_text())[0]["code"]
api.call("POST", "/api/auth/claim", code=code, user="owner", passwd="five Quiet otters")
mark(token=0)
upload = False
for number in range(1, ROUNDS + 1):
    if number == 4:
        uploaded()
        upload = True
    names.append(api.call("POST", "/api/auth/tokens", name=f"t{number}", scopes=["view"])["id"])
    mark(token=number, upload=upload)
    careless(number)
    mark(token=number, upload=upload, careless=number)
    if len(names) > KEPT:
        api.call("DELETE", f"/api/auth/tokens/{names.pop(0)}")
until("growth is over", lambda: shown("inkvm-grow.service", "ExecMainExitTimestampMonotonic") not in ("", "0"))
fact("failed-units", run("systemctl", "list-units", "--failed", "--plain", "--no-legend"))
fact("end", ROUNDS)
