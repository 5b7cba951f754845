"""The owner's own certificate: what was uploaded is checked before it can take the web server down."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.auth.errors import NotAcceptable

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes


def checked(chain: str, key: str, now: datetime.datetime) -> bytes:
    """Key and chain as one PEM file, the leaf first.

    Args:
        chain: PEM certificates: the leaf, then each one's issuer. A root may be left out.
        key: the leaf's private key, PEM, without a passphrase.
        now: as far as the device knows; a certificate of the future is accepted, because the clock may be behind.

    Raises:
        NotAcceptable: in words that say what is wrong and what would do. They never hold a part of the key.
    """
    from cryptography.hazmat.primitives import serialization

    certificates = _certificates(chain)
    private = _key(key)
    leaf = certificates[0]
    _matching(leaf, private)
    for each, issuer in itertools.pairwise(certificates):
        _linked(each, issuer)
    if leaf.not_valid_after_utc <= now:
        raise NotAcceptable(f"the certificate ended on {leaf.not_valid_after_utc:%Y-%m-%d}: upload a current one")
    _for_servers(leaf)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem + b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates)


def _certificates(chain: str) -> Sequence[x509.Certificate]:
    from cryptography import x509

    if "PRIVATE KEY" in chain:
        raise NotAcceptable("the chain holds a private key: put it into the key's field, and only certificates here")
    try:
        found = x509.load_pem_x509_certificates(chain.encode())
    except ValueError as error:
        raise NotAcceptable("the chain is not PEM: expected blocks of -----BEGIN CERTIFICATE-----") from error
    if len(found) > 10:
        raise NotAcceptable(f"the chain has {len(found)} certificates, expected at most 10")
    return found


def _key(text: str) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    try:
        key = serialization.load_pem_private_key(text.encode(), None)
    except TypeError as error:
        raise NotAcceptable(
            "the key has a passphrase: upload it without one (openssl pkey -in KEY -out PLAIN)"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NotAcceptable("the key is not PEM: expected one block of -----BEGIN PRIVATE KEY-----") from error
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < 2048:
            raise NotAcceptable(f"the key is RSA of {key.key_size} bits, expected at least 2048")
    elif not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name not in {"secp256r1", "secp384r1"}:
        raise NotAcceptable("the key is of a kind that browsers do not take: expected ECDSA P-256 or P-384, or RSA")
    return key


def _matching(leaf: x509.Certificate, private: PrivateKeyTypes) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    try:
        certified = leaf.public_key().public_bytes(*form)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NotAcceptable(
            "the first certificate's key is of a kind that browsers do not take: expected ECDSA P-256 or P-384, or RSA"
        ) from error
    if certified != private.public_key().public_bytes(*form):
        raise NotAcceptable("the key does not belong to the first certificate: put the device's certificate first")


def _linked(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception as error:  # cryptography names four kinds; all mean this
        names = [each.subject.rfc4514_string() for each in (certificate, issuer)]
        raise NotAcceptable(
            f"{names[0]!r} was not issued by {names[1]!r}, which follows it: each certificate is followed by its issuer's"
        ) from error


def _for_servers(leaf: x509.Certificate) -> None:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        extensions = leaf.extensions
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise NotAcceptable(f"the certificate's extensions cannot be read ({error}): have it issued anew") from error
    try:
        extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        raise NotAcceptable("the certificate names no host (subjectAltName): browsers would refuse it") from None
    try:
        uses = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    if ExtendedKeyUsageOID.SERVER_AUTH not in uses:
        raise NotAcceptable("the certificate is not for web servers: its extended key usage lacks serverAuth")
