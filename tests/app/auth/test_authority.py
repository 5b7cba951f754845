"""The device's own authority, judged by OpenSSL."""

from __future__ import annotations

import datetime
import os
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth import authority, tls
from app.auth.authority import Issued
from app.auth.certificates import Certificates
from app.auth.issuer import Issuer
from app.auth.tls import BadCertificate

BUILT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


def openssl(*arguments: str) -> str:
    run = subprocess.run(["openssl", *arguments], capture_output=True, text=True)
    return run.stdout + run.stderr


def verified(state: Path, leaf: Path, name: str, at: datetime.datetime = BUILT + DAY) -> bool:
    """Whether OpenSSL accepts a leaf under the authority, for a name or an address, at a moment."""
    kind = "-verify_ip" if name.replace(".", "").isdecimal() or ":" in name else "-verify_hostname"
    run = openssl("verify", "-attime", str(int(at.timestamp())), "-purpose", "sslserver", "-x509_strict",
                  "-CAfile", str(state / "tls" / "authority.pem"), kind, name, str(leaf))  # fmt: skip
    return run.rstrip().endswith(": OK")


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path, BUILT)


def test_the_leaf_is_for_the_devices_names_from_the_build_on(issuer: Issuer, tmp_path: Path) -> None:
    issuer.renew("inkvm-1a2b", ["192.168.1.5", "fd00::5"], BUILT)
    leaf = tmp_path / "tls" / "leaf.pem"
    text = openssl("x509", "-noout", "-text", "-in", str(leaf))
    for words in ("prime256v1", "Not Before: Jan  1 00:00:00 2026", "CA:FALSE", "TLS Web Server Authentication"):
        assert words in text
    for name in ("inkvm-1a2b", "inkvm-1a2b.local", "localhost", "127.0.0.1", "::1", "192.168.1.5", "fd00::5"):
        assert verified(tmp_path, leaf, name)
    for name in ("evil.example", "192.168.1.6", "local"):
        assert not verified(tmp_path, leaf, name)
    assert openssl("x509", "-noout", "-fingerprint", "-sha256", "-in", str(leaf)).strip().endswith(
        "=" + tls.fingerprint(leaf.read_bytes())
    )  # fmt: skip


@pytest.mark.parametrize("name", ["example.com", "8.8.8.8", "inkvm", "2001:db8::1", "xlocal"])
def test_a_thief_of_the_key_cannot_be_anybody_else(issuer: Issuer, tmp_path: Path, name: str) -> None:
    """Signed with the authority's key by a tool that does not ask; browsers and OpenSSL do."""
    issuer.renew("inkvm-1a2b", [], BUILT)
    assert not authority.covers(authority_of(tmp_path), name)
    kind = "IP" if name[0].isdecimal() else "DNS"
    (tmp_path / "ext").write_text(f"subjectAltName={kind}:{name}\nextendedKeyUsage=serverAuth\n")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=evil",
            "-keyout", str(tmp_path / "evil.key"), "-out", str(tmp_path / "evil.csr"))  # fmt: skip
    openssl("x509", "-req", "-in", str(tmp_path / "evil.csr"), "-CA", str(tmp_path / "tls" / "authority.pem"),
            "-CAkey", str(tmp_path / "authority" / "key.pem"), "-extfile", str(tmp_path / "ext"),
            "-out", str(tmp_path / "evil.pem"))  # fmt: skip
    run = openssl(
        "verify", "-no_check_time", "-CAfile", str(tmp_path / "tls" / "authority.pem"), str(tmp_path / "evil.pem")
    )
    assert "permitted subtree violation" in run


def authority_of(state: Path):  # type: ignore[no-untyped-def]
    from cryptography import x509

    return x509.load_pem_x509_certificate((state / "tls" / "authority.pem").read_bytes())


def test_it_is_renewed_when_due_and_not_before(issuer: Issuer, tmp_path: Path) -> None:
    leaf = tmp_path / "tls" / "leaf.pem"
    anchor = tmp_path / "tls" / "authority.pem"
    assert issuer.renew("kvm", ["10.0.0.1"], BUILT) == "there is no certificate yet"
    trusted, first = anchor.read_bytes(), leaf.read_bytes()
    assert issuer.renew("kvm", [], BUILT + DAY) == ""
    assert issuer.renew("kvm", ["10.0.0.1", "8.8.8.8"], BUILT + 336 * DAY) == ""
    assert leaf.read_bytes() == first
    assert issuer.renew("kvm", ["10.0.0.2"], BUILT + DAY) == "the certificate does not name 10.0.0.2"
    assert verified(tmp_path, leaf, "10.0.0.2")
    assert verified(tmp_path, leaf, "10.0.0.1"), "the network may be back"
    assert issuer.renew("renamed", ["10.0.0.2"], BUILT + DAY) == "the certificate does not name renamed.local"
    assert verified(tmp_path, leaf, "renamed.local")
    assert issuer.renew("renamed", [], BUILT + 339 * DAY).startswith("the certificate ends on 2027-02-0")
    assert verified(tmp_path, leaf, "10.0.0.2", BUILT + 700 * DAY)
    assert anchor.read_bytes() == trusted, "nobody who installed it is warned again"


def test_a_clock_that_stands_in_1970_does_not_matter(issuer: Issuer, tmp_path: Path) -> None:
    issuer.renew("kvm", [], datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC))
    assert verified(tmp_path, tmp_path / "tls" / "leaf.pem", "kvm.local", BUILT + 300 * DAY)


@pytest.mark.parametrize("broken", ["tls/leaf.pem", "tls/authority.pem", "authority/key.pem"])
def test_a_file_lost_to_a_power_cut_is_made_anew(issuer: Issuer, tmp_path: Path, broken: str) -> None:
    issuer.renew("kvm", [], BUILT)
    (tmp_path / broken).write_bytes(b"") if broken != "authority/key.pem" else (tmp_path / broken).unlink()
    assert issuer.renew("kvm", [], BUILT) != ""
    assert verified(tmp_path, tmp_path / "tls" / "leaf.pem", "kvm.local")


def test_the_authoritys_key_is_roots_and_the_leaf_the_daemons(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("needs root")
    os.chown(tmp_path, 900, 900)
    Issuer(tmp_path, BUILT).renew("kvm", [], BUILT)
    modes = {
        path.relative_to(tmp_path).as_posix(): (path.stat().st_uid, stat.S_IMODE(path.stat().st_mode))
        for path in sorted(tmp_path.rglob("*"))
    }
    assert modes == {
        "authority": (0, 0o700), "authority/key.pem": (0, 0o600),
        "tls": (900, 0o700), "tls/authority.pem": (900, 0o644), "tls/leaf.pem": (900, 0o600),
    }  # fmt: skip


class Locked(Issuer):
    """What the daemon has on the board: it may not issue."""

    may_issue = False  # type: ignore[assignment]


def test_the_daemon_asks_root_and_takes_what_it_gets(issuer: Issuer, tmp_path: Path) -> None:
    issuer.renew("kvm", [], BUILT)
    certificates = Certificates(tmp_path, tmp_path, "kvm", Locked(tmp_path, BUILT), lambda: BUILT)
    before = certificates.fingerprint
    request = tmp_path / "certificate-request"
    assert not request.exists()
    certificates.addresses = ("10.0.0.9", "8.8.8.8")
    certificates.refresh()
    assert request.read_text() == '["10.0.0.9", "8.8.8.8"]'
    assert not certificates.load()
    issuer.renew("kvm", ["10.0.0.9"], BUILT)
    assert certificates.load()
    assert certificates.fingerprint != before


def test_a_daemon_without_any_certificate_says_so(tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    with pytest.raises(FileNotFoundError):
        Certificates(tmp_path, tmp_path, "kvm", Locked(tmp_path, BUILT), lambda: BUILT)
    (tmp_path / "tls" / "owner.pem").write_bytes(b"\xff\xfe")
    Issuer(tmp_path, BUILT).renew("kvm", [], BUILT)
    with pytest.raises(BadCertificate, match=r"owner\.pem: .*move it away"):
        Certificates(tmp_path, tmp_path, "kvm", Locked(tmp_path, BUILT), lambda: BUILT)


MADE = authority.make("kvm", BUILT)


@given(st.lists(st.one_of(st.text(max_size=20), st.ip_addresses().map(str), st.just("kvm.local")), max_size=5))
def test_whatever_a_compromised_daemon_asks_for_is_within_the_constraints(names: list[str]) -> None:
    from cryptography import x509

    try:
        issued = authority.issue(Issued(MADE.certificate, MADE.key), names, BUILT, BUILT)
    except ValueError:  # for none of them
        return
    issuer = x509.load_pem_x509_certificate(MADE.certificate)
    assert all(authority.covers(issuer, name) for name in authority.names_of(issued.certificate))
