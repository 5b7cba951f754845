"""The device's certificate, made at first start, and the TLS settings."""

from __future__ import annotations

import datetime
import hashlib
import ssl
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from app import durable

if TYPE_CHECKING:
    from cryptography import x509

_CIPHERS = "ECDHE+CHACHA20:ECDHE+AESGCM"
"""TLS 1.2 with forward secrecy and AEAD; ChaCha20 first, because the board's CPU has no AES instructions."""
_EPOCH = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
_FOREVER = datetime.datetime(2125, 1, 1, tzinfo=datetime.UTC)
"""Fixed, because the board has no clock: a certificate made before the time is known must be valid after it is."""


class BadCertificate(Exception):
    """The certificate file cannot be used; the words say which file and why."""


def ensure(path: Path, names: Sequence[str]) -> None:
    """Make a self-signed certificate (ECDSA P-256) and its key in one PEM file, unless there is one.

    Args:
        path: the file, made with mode 0600.
        names: host names and addresses it is for; the first is its common name.
    """
    if not path.exists():
        durable.replace(path, _make(names))


def context(path: Path) -> ssl.SSLContext:
    """Server settings with certificate and key from one PEM file. Raises BadCertificate."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.set_ciphers(_CIPHERS)
    tls.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_RENEGOTIATION
    try:
        tls.load_cert_chain(path)
    except (OSError, ssl.SSLError) as error:
        raise BadCertificate(f"{path}: {error}; move it away to have a new one made") from error
    return tls


def fingerprint(path: Path) -> str:
    """SHA-256 of the first certificate in the file, as browsers print it: pairs of capital hex digits with colons."""
    pem = path.read_text("ascii")
    end = "-----END CERTIFICATE-----"
    first = pem[pem.index("-----BEGIN CERTIFICATE-----") : pem.index(end) + len(end)]
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).digest().hex(":").upper()


def _make(names: Sequence[str]) -> bytes:
    # Imported here: they cost a second on the board, and are needed once in its life.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0][:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_EPOCH)
        .not_valid_after(_FOREVER)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(each) for each in dict.fromkeys(names)]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def _general_name(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
