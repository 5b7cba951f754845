"""Certificate and settings, judged by OpenSSL's own tool."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from app.auth import tls
from app.auth.tls import BadCertificate


def openssl(*arguments: str, path: Path) -> str:
    return subprocess.run(
        ["openssl", "x509", "-noout", "-in", str(path), *arguments], check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "certificate.pem"
    tls.ensure(path, ["inkvm-1a2b", "inkvm-1a2b.local", "127.0.0.1", "::1", "127.0.0.1"])
    return path


def test_the_certificate_is_for_the_devices_names(path: Path) -> None:
    names = openssl("-ext", "subjectAltName", path=path)
    assert "DNS:inkvm-1a2b, DNS:inkvm-1a2b.local, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1" in names
    assert "prime256v1" in openssl("-text", path=path)
    assert "notBefore=Jan  1 00:00:00 2026" in openssl("-dates", path=path)


def test_the_key_is_nobody_elses_business(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_fingerprint_is_what_openssl_and_browsers_print(path: Path) -> None:
    assert openssl("-fingerprint", "-sha256", path=path).strip().endswith("=" + tls.fingerprint(path))


def test_it_is_made_once(path: Path) -> None:
    before = path.read_bytes()
    tls.ensure(path, ["other"])
    assert path.read_bytes() == before


def test_old_protocols_are_not_spoken(path: Path) -> None:
    context = tls.context(path)
    assert context.minimum_version.name == "TLSv1_2"
    assert all("GCM" in cipher["name"] or "CHACHA20" in cipher["name"] for cipher in context.get_ciphers())


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"-----BEGIN CERTIFICATE-----\nrubbish\n"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "certificate.pem"
    path.write_bytes(content)
    with pytest.raises(BadCertificate, match=r"certificate\.pem: .*move it away"):
        tls.context(path)
