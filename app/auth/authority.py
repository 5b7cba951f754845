"""The device's own certificate authority, and the leaves it issues for the web server.

A browser that has installed the authority trusts every later leaf. The authority is worth little to a thief: it is
name-constrained (RFC 5280, 4.2.1.10) to the device's name, to `.local`, where the device may be renamed, and to
addresses that only exist in private networks.

Times: `built` is when the software was built, the earliest moment that can be now. The board has no battery, so before the
network says otherwise now is a guess, and maybe years late: certificates begin as early, and made on a guess end as late, as
browsers put up with.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

PRIVATE = tuple(
    ip_network(each)
    for each in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
        "fc00::/7", "fe80::/10", "::1/128",
    )
)  # fmt: skip
"""RFC 1918, 6598, 3927, 4193, 4291: addresses that nobody owns."""
LIFE = datetime.timedelta(days=397)
"""Of a leaf, from when it is issued, if that is known."""
_LONGEST = datetime.timedelta(days=825)
"""Browsers refuse leaves that are good for longer, even under an authority of one's own."""
EARLY = datetime.timedelta(days=60)
"""A leaf is renewed this long before it ends."""
_FOREVER = datetime.datetime(2125, 1, 1, tzinfo=datetime.UTC)
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, as far as the device knows."""

    now: datetime.datetime
    known: bool
    """Whether that is true; otherwise it is a guess, and seldom late."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key, both PEM."""

    certificate: bytes
    key: bytes


def make(hostname: str, built: datetime.datetime) -> Issued:
    """A new authority for the device of that name."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    # The number tells two authorities of one name apart, which a browser would otherwise take for one another.
    subject = _name(f"inkvm {hostname} {x509.random_serial_number() & 0xFFFFFF:06x}")
    permitted: list[x509.GeneralName] = [x509.DNSName(each) for each in dict.fromkeys([hostname, "local", "localhost"])]
    permitted += [x509.IPAddress(each) for each in PRIVATE]
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        _builder(subject, subject, key, built, _FOREVER)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return _signed(builder, key, key)


def issue(authority: Issued, names: Iterable[str], built: datetime.datetime, moment: Moment) -> Issued:
    """A leaf for those of the names that the authority may vouch for.

    Raises:
        ValueError: the authority's files cannot be read, or it may vouch for none of the names.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    issuer = x509.load_pem_x509_certificate(authority.certificate)
    signer = serialization.load_pem_private_key(authority.key, None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise ValueError("the authority's key is not one of ours")
    covered = [name for name in dict.fromkeys(names) if covers(issuer, name)]
    if not covered:
        raise ValueError("the authority may vouch for none of the device's names")
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        _builder(_name(covered[0]), issuer.subject, key, *_span(built, moment))
        .add_extension(x509.SubjectAlternativeName([general_name(name) for name in covered]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    return _signed(builder, key, signer)


def _span(built: datetime.datetime, moment: Moment) -> tuple[datetime.datetime, datetime.datetime]:
    """From when to when a leaf is good."""
    end = max(built, moment.now) + LIFE
    if not moment.known:
        end = max(end, built + _LONGEST)
    return max(built, end - _LONGEST), end


def due(authority: bytes, leaf: bytes, names: Iterable[str], moment: Moment) -> str:
    """Why a new leaf is needed, in words for the log; empty while this one is good. Both are PEM certificates.

    A name that is gone is no reason: the network may be back in a moment, and people have compared the fingerprint.
    """
    from cryptography import x509

    try:
        issuer, certificate = x509.load_pem_x509_certificate(authority), x509.load_pem_x509_certificate(leaf)
        certificate.verify_directly_issued_by(issuer)
        held = set(names_of(leaf))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, another one is the answer
        return f"the certificate cannot be used: {type(error).__name__}"
    if moment.now > certificate.not_valid_after_utc - EARLY:
        return f"the certificate ends on {certificate.not_valid_after_utc:%Y-%m-%d}"
    if moment.known and moment.now < certificate.not_valid_before_utc:
        return f"the certificate begins on {certificate.not_valid_before_utc:%Y-%m-%d}"
    missing = [name for name in names if covers(issuer, name) and str(general_name(name).value) not in held]
    return f"the certificate does not name {', '.join(missing)}" if missing else ""


def names_of(leaf: bytes) -> list[str]:
    """The names and addresses that a PEM certificate is for. Raises ValueError, cryptography's ExtensionNotFound."""
    from cryptography import x509

    certificate = x509.load_pem_x509_certificate(leaf)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in names]


def covers(authority: x509.Certificate, name: str) -> bool:
    """Whether the authority's constraints let it vouch for a host name or an address."""
    from cryptography import x509

    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = [each.value for each in constraints.permitted_subtrees or ()]
    try:
        address = ip_address(name)
    except ValueError:
        trees = [each for each in permitted if isinstance(each, str)]
        return is_name(name) and any(name == tree or name.endswith(f".{tree}") for tree in trees)
    return any(isinstance(each, IPv4Network | IPv6Network) and address in each for each in permitted)


def is_name(name: str) -> bool:
    """Whether it can be a DNS name."""
    return len(name) <= 253 and all(_LABEL.fullmatch(label) for label in name.split("."))


def general_name(name: str) -> x509.GeneralName:
    """A host name or an address, as certificates hold it."""
    from cryptography import x509

    try:
        address: IPv4Address | IPv6Address = ip_address(name)
    except ValueError:
        return x509.DNSName(name)
    return x509.IPAddress(address)


def _name(words: str) -> x509.Name:
    from cryptography import x509

    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, words[:64])])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begin: datetime.datetime,
    end: datetime.datetime,
) -> x509.CertificateBuilder:
    from cryptography import x509

    return x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), begin, end)


def _signed(
    builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey
) -> Issued:
    from cryptography.hazmat.primitives import hashes, serialization

    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate = builder.sign(signer, hashes.SHA256())
    return Issued(certificate.public_bytes(serialization.Encoding.PEM), private)
