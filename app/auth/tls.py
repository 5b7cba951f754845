"""The web server's TLS settings, and the fingerprint that people compare."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path

_CIPHERS = "ECDHE+CHACHA20:ECDHE+AESGCM"
"""TLS 1.2 with forward secrecy and AEAD; ChaCha20 first, because the board's CPU has no AES instructions."""


class BadCertificate(Exception):
    """The certificate file cannot be used; the words say which file and why."""


def context() -> ssl.SSLContext:
    """Server settings, before `load` has given them a certificate."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.set_ciphers(_CIPHERS)
    tls.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_RENEGOTIATION
    return tls


def load(tls: ssl.SSLContext, path: Path) -> None:
    """Use the key and the certificates in one PEM file from the next connection on. Raises BadCertificate."""
    try:
        tls.load_cert_chain(path)
    except (OSError, ssl.SSLError) as error:
        raise BadCertificate(f"{path}: {error}; move it away to have a new one made") from error


def fingerprint(pem: bytes) -> str:
    """SHA-256 of the first certificate, as browsers print it: pairs of capital hex digits with colons."""
    return hashlib.sha256(der(pem)).digest().hex(":").upper()


def der(pem: bytes) -> bytes:
    """The first certificate of a PEM file, in the form that systems install. Raises ValueError when there is none."""
    text = pem.decode("ascii")
    end = "-----END CERTIFICATE-----"
    first = text[text.index("-----BEGIN CERTIFICATE-----") : text.index(end) + len(end)]
    return ssl.PEM_cert_to_DER_cert(first)
