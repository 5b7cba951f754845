"""What other people's tools say about the server's TLS, and about the owner's certificate."""

from __future__ import annotations

import datetime
import hashlib
import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from app.auth import tls
from tests.appliance import PASSWORD, ROOT, USER, Appliance
from tests.client import Client, trusting

AEAD = {
    "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
}  # fmt: skip
OLD = ("ssl_2_0_cipher_suites", "ssl_3_0_cipher_suites", "tls_1_0_cipher_suites", "tls_1_1_cipher_suites")
NOW = datetime.datetime.now(datetime.UTC)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """With the settings for OpenSSL that the board's unit has."""
    configuration = ROOT / "rootfs-overlay" / "etc" / "inkvm" / "openssl.cnf"
    running = Appliance(tmp_path_factory.mktemp("tls"), OPENSSL_CONF=str(configuration))
    running.start()
    yield running
    running.kill()


@pytest.fixture
def owner(own: Appliance) -> Iterator[Client]:
    client = Client(own.url)
    assert client.login(USER, PASSWORD).status == 200
    yield client
    client.close()


def test_sslyze_finds_no_old_protocol_and_no_weak_suite(own: Appliance, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    host = urlsplit(own.url).netloc
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "sslyze", f"--json_out={report}", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3",
         "--sslv2", "--sslv3", "--reneg", "--compression", "--heartbleed", "--openssl_ccs", "--fallback", "--early_data", host],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert report.exists(), run.stdout + run.stderr
    (server,) = json.loads(report.read_text())["server_scan_results"]
    found = {
        name: each["result"] for name, each in server["scan_result"].items() if each and each["status"] == "COMPLETED"
    }
    for name in OLD:
        assert found[name]["accepted_cipher_suites"] == [], name
    accepted = {
        each["cipher_suite"]["name"]
        for name in ("tls_1_2_cipher_suites", "tls_1_3_cipher_suites")
        for each in found[name]["accepted_cipher_suites"]
    }
    assert accepted == AEAD
    assert found["session_renegotiation"]["is_vulnerable_to_client_renegotiation_dos"] is False
    assert found["tls_compression"]["supports_compression"] is False
    assert found["heartbleed"]["is_vulnerable_to_heartbleed"] is False
    assert found["openssl_ccs_injection"]["is_vulnerable_to_ccs_injection"] is False
    assert found["tls_1_3_early_data"]["supports_early_data"] is False


@pytest.mark.parametrize(
    ("version", "suite"),
    [
        (ssl.TLSVersion.TLSv1_3, "TLS_CHACHA20_POLY1305_SHA256"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-CHACHA20-POLY1305"),
    ],
)
def test_chacha_is_negotiated_with_a_client_that_would_rather_have_aes(
    own: Appliance, version: ssl.TLSVersion, suite: str
) -> None:
    """OpenSSL's own client offers AES-256-GCM first."""
    context = trusting()
    context.minimum_version = context.maximum_version = version
    host = urlsplit(own.url)
    with socket.create_connection((host.hostname, host.port)) as plain, context.wrap_socket(plain) as tls:
        cipher = tls.cipher()
        assert cipher is not None
        assert cipher[0] == suite


def test_who_installed_the_authority_gets_no_warning(own: Appliance, owner: Client, tmp_path: Path) -> None:
    answer = owner.request("GET", "/api/tls/authority")
    assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
    context = ssl.create_default_context(cadata=answer.body)
    host = urlsplit(own.url)
    for name in ("127.0.0.1", "localhost", f"{socket.gethostname().lower()}.local"):
        with (
            socket.create_connection((host.hostname, host.port)) as plain,
            context.wrap_socket(plain, server_hostname=name) as secured,
        ):
            der = secured.getpeercert(binary_form=True)
    assert der is not None
    shown = owner.request("GET", "/api/tls/certificate").result
    assert shown == {"fingerprint": tls.fingerprint(ssl.DER_cert_to_PEM_cert(der).encode()), "own": False}


Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def certificate(name: str, issuer: tuple[x509.Certificate, Key] | None = None, days: int = 30,
                alternative: bool = True, key: Key | None = None, *, broken: bool = False) -> tuple[x509.Certificate, Key]:  # fmt: skip
    """One as somebody else's authority makes it."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = NOW - datetime.timedelta(days=60)
    builder = x509.CertificateBuilder(
        issuer[0].subject if issuer else subject, subject, key.public_key(), x509.random_serial_number(), begin,
        NOW + datetime.timedelta(days=days),
    ).add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)  # fmt: skip
    if alternative:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    if broken:
        names = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, b"\4\0")
        builder = builder.add_extension(names, critical=False)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def pem(*certificates: x509.Certificate) -> str:
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates).decode()


def key_pem(key: Key, passphrase: bytes | None = None) -> str:
    hidden = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden).decode()


CA = certificate("An authority")
OTHER_CA = certificate("Another authority")
LEAF = certificate("kvm.example.org", CA)
EXPIRED = certificate("kvm.example.org", CA, days=-1)
BROKEN = certificate("kvm.example.org", CA, alternative=False, broken=True)
NAMELESS = certificate("kvm.example.org", CA, alternative=False)
RSA = certificate("kvm.example.org", CA, key=rsa.generate_private_key(65537, 2048))


@pytest.mark.parametrize(
    ("chain", "key", "words"),
    [
        ("", key_pem(LEAF[1]), "the chain is not PEM"),
        (pem(LEAF[0]), "", "the key is not PEM"),
        (pem(LEAF[0]), key_pem(CA[1]), "the key does not belong to the first certificate"),
        (pem(CA[0], LEAF[0]), key_pem(LEAF[1]), "the key does not belong to the first certificate"),
        (pem(LEAF[0], OTHER_CA[0]), key_pem(LEAF[1]), "was not issued by 'CN=Another authority'"),
        (pem(LEAF[0]), key_pem(LEAF[1], b"secret"), "the key has a passphrase"),
        (pem(EXPIRED[0]), key_pem(EXPIRED[1]), "the certificate ended on"),
        (pem(NAMELESS[0]), key_pem(NAMELESS[1]), "names no host"),
        (pem(BROKEN[0]), key_pem(BROKEN[1]), "the certificate's extensions cannot be read"),
        (pem(LEAF[0]) + key_pem(LEAF[1]), key_pem(LEAF[1]), "the chain holds a private key"),
    ],
)
def test_a_certificate_that_would_not_work_is_explained(owner: Client, chain: str, key: str, words: str) -> None:
    answer = owner.send("PUT", "/api/tls/certificate", chain=chain, key=key)
    assert answer.status == 400
    assert words in answer.result["error_msg"]
    assert "PRIVATE KEY-----\n" not in answer.result["error_msg"]
    assert owner.request("GET", "/api/tls/certificate").result["own"] is False


def test_what_openssl_alone_refuses_is_explained_too(own: Appliance, owner: Client, tmp_path: Path) -> None:
    """A chain whose authority has a key that is too small: nothing but OpenSSL's own settings say so."""
    subprocess.run(
        "openssl req -x509 -nodes -newkey rsa:1024 -subj /CN=weak -keyout ca.key -out ca.pem && "
        "openssl req -newkey rsa:2048 -nodes -subj /CN=kvm.example.org -keyout key.pem -out asked.pem && "
        "echo subjectAltName=DNS:kvm.example.org > names && "
        "openssl x509 -req -in asked.pem -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out leaf.pem",
        shell=True, check=True, capture_output=True, cwd=tmp_path,
    )  # fmt: skip
    chain, key = (
        (tmp_path / "leaf.pem").read_text() + (tmp_path / "ca.pem").read_text(),
        (tmp_path / "key.pem").read_text(),
    )
    answer = owner.send("PUT", "/api/tls/certificate", chain=chain, key=key)
    words = "OpenSSL refuses the certificate or one of its chain: ca key too small"
    assert (answer.status, answer.result) == (400, {"error": "NotAcceptable", "error_msg": words})
    assert owner.request("GET", "/api/tls/certificate").result["own"] is False
    assert "Traceback" not in own.log()


def test_an_owners_certificate_that_openssl_refuses_at_the_start_leaves_the_devices_own(tmp_path: Path) -> None:
    """As after an update of OpenSSL: the device is reachable, says so, and takes another one."""
    (tmp_path / "state" / "tls").mkdir(parents=True)
    (tmp_path / "state" / "tls" / "owner.pem").write_text(pem(LEAF[0]))
    running = Appliance(tmp_path)
    running.start()
    owner = Client(running.url)
    assert owner.login(USER, PASSWORD).status == 200
    assert owner.request("GET", "/api/tls/certificate").result["own"] is False
    assert "your own certificate cannot be used, and the device's own is instead" in running.log()
    answer = owner.send("PUT", "/api/tls/certificate", chain=pem(LEAF[0], CA[0]), key=key_pem(LEAF[1]))
    assert answer.result["own"] is True
    owner.close()
    running.kill()


def test_the_owners_certificate_is_shown_at_once_and_hsts_with_it(own: Appliance, owner: Client) -> None:
    chain = pem(LEAF[0], CA[0])
    assert owner.send("PUT", "/api/tls/certificate", chain=chain, key=key_pem(LEAF[1])).status == 200
    context = ssl.create_default_context(cadata=pem(CA[0]))
    host = urlsplit(own.url)
    with (
        socket.create_connection((host.hostname, host.port)) as plain,
        context.wrap_socket(plain, server_hostname="kvm.example.org"),
    ):
        pass
    assert owner.request("GET", "/", headers={"Host": "127.0.0.1"}).headers["Strict-Transport-Security"] is None
    assert owner.request("GET", "/", headers={"Host": "localhost"}).headers["Strict-Transport-Security"] is None
    name = f"{socket.gethostname().lower()}.local"
    assert owner.request("GET", "/", headers={"Host": name}).headers["Strict-Transport-Security"] == "max-age=86400"
    stored = own.folder / "state" / "tls" / "owner.pem"
    assert stored.stat().st_mode & 0o777 == 0o600
    assert owner.request("DELETE", "/api/tls/certificate").result["own"] is False
    assert owner.request("GET", "/", headers={"Host": name}).headers["Strict-Transport-Security"] is None


def shown(own: Appliance, signed: str | None = None) -> str:
    """The fingerprint of what a new connection is shown; of one whose client takes no other signatures, where they are named."""
    context = trusting()
    if signed:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"ECDHE+a{signed}+AESGCM")
    host = urlsplit(own.url)
    with socket.create_connection((host.hostname, host.port)) as plain, context.wrap_socket(plain) as secured:
        return hashlib.sha256(secured.getpeercert(True) or b"").digest().hex(":").upper()


def test_a_key_of_another_kind_takes_the_place_of_the_devices_own_and_goes_with_its_certificate(
    own: Appliance, owner: Client
) -> None:
    before = owner.request("GET", "/api/tls/certificate").result["fingerprint"]
    told = owner.send("PUT", "/api/tls/certificate", chain=pem(RSA[0], CA[0]), key=key_pem(RSA[1])).result
    assert told == {"fingerprint": RSA[0].fingerprint(hashes.SHA256()).hex(":").upper(), "own": True}
    assert shown(own) == shown(own, "RSA") == told["fingerprint"]
    with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
        shown(own, "ECDSA")
    assert owner.request("DELETE", "/api/tls/certificate").result == {"fingerprint": before, "own": False}
    assert shown(own) == shown(own, "ECDSA") == before
    with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
        shown(own, "RSA")
