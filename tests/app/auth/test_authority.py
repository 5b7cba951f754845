"""The device's own authority, judged by OpenSSL."""

from __future__ import annotations

import datetime
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from app import durable
from app.auth import authority, tls
from app.auth.authority import Issued, Moment
from app.auth.certificates import Certificates
from app.auth.issuer import Issuer
from app.auth.tls import BadCertificate
from app.clock import Clock

BUILT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
DAEMON = 900, 900
"""User and group."""
MADE = authority.make("kvm", BUILT)


def openssl(*arguments: str) -> str:
    run = subprocess.run(["openssl", *arguments], capture_output=True, text=True)
    return run.stdout + run.stderr


def verified(state: Path, leaf: Path, name: str, at: datetime.datetime = BUILT + DAY) -> bool:
    """Whether OpenSSL accepts a leaf under the authority, for a name or an address, at a moment."""
    kind = "-verify_ip" if name.replace(".", "").isdecimal() or ":" in name else "-verify_hostname"
    run = openssl("verify", "-attime", str(int(at.timestamp())), "-purpose", "sslserver", "-x509_strict",
                  "-CAfile", str(state / "tls" / "authority.pem"), kind, name, str(leaf))  # fmt: skip
    return run.rstrip().endswith(": OK")


class Day(Clock):
    """A clock that is set by hand."""

    def __init__(self, known: bool = True) -> None:
        super().__init__(None if known else Path("/nowhere"), self._now, lambda: 0.0)
        self.now = BUILT

    def _now(self) -> float:
        return self.now.timestamp()

    def at(self, now: datetime.datetime) -> Day:
        self.now = now
        return self


@pytest.fixture
def day() -> Day:
    return Day()


@pytest.fixture
def issuer(tmp_path: Path, day: Day) -> Issuer:
    return Issuer(tmp_path, BUILT, day)


def test_the_leaf_is_for_the_devices_names_from_the_build_on(issuer: Issuer, tmp_path: Path) -> None:
    issuer.renew("inkvm-1a2b", ["192.168.1.5", "fd00::5"])
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
    issuer.renew("inkvm-1a2b", [])
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


def test_it_is_renewed_when_due_and_not_before(issuer: Issuer, day: Day, tmp_path: Path) -> None:
    leaf = tmp_path / "tls" / "leaf.pem"
    anchor = tmp_path / "tls" / "authority.pem"
    assert issuer.renew("kvm", ["10.0.0.1"]) == "there is no certificate yet"
    trusted, first = anchor.read_bytes(), leaf.read_bytes()
    day.at(BUILT + DAY)
    assert issuer.renew("kvm", []) == ""
    day.at(BUILT + 336 * DAY)
    assert issuer.renew("kvm", ["10.0.0.1", "8.8.8.8"]) == ""
    assert leaf.read_bytes() == first
    day.at(BUILT + DAY)
    assert issuer.renew("kvm", ["10.0.0.2"]) == "the certificate does not name 10.0.0.2"
    assert verified(tmp_path, leaf, "10.0.0.2")
    assert verified(tmp_path, leaf, "10.0.0.1"), "the network may be back"
    assert issuer.renew("renamed", ["10.0.0.2"]) == "the certificate does not name renamed.local"
    assert verified(tmp_path, leaf, "renamed.local")
    day.at(BUILT + 339 * DAY)
    assert issuer.renew("renamed", []).startswith("the certificate ends on 2027-02-0")
    assert verified(tmp_path, leaf, "10.0.0.2", BUILT + 700 * DAY)
    assert anchor.read_bytes() == trusted, "nobody who installed it is warned again"


@pytest.mark.parametrize("now", [datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC), BUILT, BUILT + 20 * DAY])
def test_made_on_a_guess_it_is_good_for_as_long_as_it_can_be(now: datetime.datetime, tmp_path: Path) -> None:
    Issuer(tmp_path, BUILT, Day(known=False).at(now)).renew("kvm", [])
    leaf = tmp_path / "tls" / "leaf.pem"
    for at in (BUILT + DAY, BUILT + 300 * DAY, BUILT + 824 * DAY):
        assert verified(tmp_path, leaf, "kvm.local", at)


YEARS = st.floats(-20, 20)


@given(st.booleans(), st.floats(-30, 20), st.floats(0, 20), st.lists(YEARS, max_size=4))
def test_whatever_was_guessed_the_true_time_finds_a_good_certificate(
    set_before: bool, guessed: float, true: float, later: list[float]
) -> None:
    """Years since the build. The clock may have been right, or wrong by years, when it was made, and be set more than once."""
    anchor = MADE.certificate
    leaf = authority.issue(MADE, ["kvm"], BUILT, Moment(BUILT + guessed * 365 * DAY, known=set_before)).certificate
    for years in (true, *(max(0.0, true + each) for each in later)):
        moment = Moment(BUILT + years * 365 * DAY, known=True)
        if authority.due(anchor, leaf, ["kvm"], moment):
            leaf = authority.issue(MADE, ["kvm"], BUILT, moment).certificate
        certificate = x509.load_pem_x509_certificate(leaf)
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        assert begin <= moment.now + datetime.timedelta(seconds=1) < end
        assert end - begin <= 825 * DAY
        assert begin >= BUILT


def test_a_guess_is_no_reason_to_doubt_a_certificate(issuer: Issuer, day: Day, tmp_path: Path) -> None:
    """The clock starts anew at the build where its file is lost: what was made when the time was known is better than a guess."""
    day.at(BUILT + 1000 * DAY)
    issuer.renew("kvm", [])
    assert Issuer(tmp_path, BUILT, Day(known=False)).renew("kvm", []) == ""
    assert issuer.renew("kvm", []) == ""
    day.at(BUILT + DAY)
    assert issuer.renew("kvm", []).startswith("the certificate begins on 2027-")


@pytest.mark.parametrize("broken", ["tls/leaf.pem", "tls/authority.pem", "authority/key.pem"])
def test_a_file_lost_to_a_power_cut_is_made_anew(issuer: Issuer, tmp_path: Path, broken: str) -> None:
    issuer.renew("kvm", [])
    (tmp_path / broken).write_bytes(b"") if broken != "authority/key.pem" else (tmp_path / broken).unlink()
    assert issuer.renew("kvm", []) != ""
    assert verified(tmp_path, tmp_path / "tls" / "leaf.pem", "kvm.local")


def test_the_authoritys_key_is_roots_and_the_leaf_the_daemons(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("needs root")
    os.chown(tmp_path, *DAEMON)
    Issuer(tmp_path, BUILT, Day(), DAEMON).renew("kvm", [])
    modes = {
        path.relative_to(tmp_path).as_posix(): (path.stat().st_uid, stat.S_IMODE(path.stat().st_mode))
        for path in sorted(tmp_path.rglob("*"))
    }
    assert modes == {
        "authority": (0, 0o700), "authority/key.pem": (0, 0o600),
        "tls": (900, 0o700), "tls/authority.pem": (900, 0o644), "tls/leaf.pem": (900, 0o600),
    }  # fmt: skip


def test_the_leaf_is_the_daemons_before_it_is_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given away afterwards, a power cut in between would leave the daemon without a certificate it can read, for ever."""
    if os.geteuid():
        pytest.skip("needs root")
    os.chown(tmp_path, *DAEMON)
    placed: dict[str, int] = {}
    rename = Path.rename

    def look(draft: Path, target: Path) -> Path:
        placed[target.name] = draft.stat().st_uid
        return rename(draft, target)

    monkeypatch.setattr(Path, "rename", look)
    Issuer(tmp_path, BUILT, Day(), DAEMON).renew("kvm", [])
    assert placed == {"authority": 0, "key.pem": 0, "tls": 900, "authority.pem": 900, "leaf.pem": 900}


@pytest.mark.skipif(os.geteuid() != 0, reason="giving folders away needs root")
@pytest.mark.parametrize("trick", ["renamed", "linked"])
@pytest.mark.parametrize(("theirs", "ours"), [("tls", "authority"), ("access", "firstrun"), ("access", "authority")])
def test_root_gives_nothing_away_that_it_has_not_just_made(tmp_path: Path, theirs: str, ours: str, trick: str) -> None:
    """The state folder is the daemon's, who may put any folder of root's under another name."""
    state = tmp_path / "state"
    (tmp_path / "boot").mkdir()
    command = [sys.executable, "-m", "app.auth", "--owner", "nobody", "--state", str(state)]
    command += ["--runtime", str(tmp_path / "none"), "--boot", str(tmp_path / "boot")]
    subprocess.run(command, check=True, capture_output=True)
    durable.folder(state / "firstrun")
    secrets = {"authority": state / "authority/key.pem", "firstrun": state / "firstrun/record.json"}
    durable.replace(secrets["firstrun"], b"[]")
    for name in ("leaf.pem", "accounts.json", "claim.json"):
        durable.replace(secrets[ours].with_name(name), b"[]")
    nodes = {path.stat().st_ino for path in (secrets[ours], secrets[ours].parent)}
    (state / theirs).rename(state / "away")
    if trick == "renamed":
        (state / ours).rename(state / theirs)
    else:
        (state / theirs).symlink_to(state / ours)
    for _start in range(2):
        refused = subprocess.run(command, capture_output=True, text=True)
        assert refused.returncode == 1
        assert f"{theirs} is not a folder that user" in refused.stderr
    found = [path for path in state.rglob("*") if path.lstat().st_ino in nodes]
    assert len(found) == 2
    assert {path.lstat().st_uid for path in found} == {0}


class Locked(Issuer):
    """What the daemon has on the board: it may not issue."""

    may_issue = False  # type: ignore[assignment]


def test_the_daemon_asks_root_and_takes_what_it_gets(issuer: Issuer, tmp_path: Path) -> None:
    issuer.renew("kvm", [])
    certificates = Certificates(tmp_path, tmp_path, "kvm", Locked(tmp_path, BUILT, Day()))
    before = certificates.fingerprint
    request = tmp_path / "certificate-request"
    assert not request.exists()
    certificates.addresses = ("10.0.0.9", "8.8.8.8")
    certificates.refresh()
    assert request.read_text() == '["10.0.0.9", "8.8.8.8"]'
    assert not certificates.load()
    issuer.renew("kvm", ["10.0.0.9"])
    assert certificates.load()
    assert certificates.fingerprint != before


def test_a_daemon_without_any_certificate_says_so(tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    with pytest.raises(FileNotFoundError):
        Certificates(tmp_path, tmp_path, "kvm", Locked(tmp_path, BUILT, Day()))
    Issuer(tmp_path, BUILT, Day()).renew("kvm", [])
    (tmp_path / "tls" / "owner.pem").write_bytes(b"\xff\xfe")
    certificates = Certificates(tmp_path, tmp_path, "kvm", Locked(tmp_path, BUILT, Day()))
    assert "owner.pem: " in certificates.fault
    assert certificates.path.name == "leaf.pem"
    (tmp_path / "tls" / "leaf.pem").write_bytes(b"rubbish")
    with pytest.raises(BadCertificate, match=r"leaf\.pem: .*move it away"):
        Certificates(tmp_path, tmp_path, "kvm", Locked(tmp_path, BUILT, Day()))


@given(st.lists(st.one_of(st.text(max_size=20), st.ip_addresses().map(str), st.just("kvm.local")), max_size=5))
def test_whatever_a_compromised_daemon_asks_for_is_within_the_constraints(names: list[str]) -> None:
    from cryptography import x509

    try:
        issued = authority.issue(Issued(MADE.certificate, MADE.key), names, BUILT, Moment(BUILT, known=True))
    except ValueError:  # for none of them
        return
    issuer = x509.load_pem_x509_certificate(MADE.certificate)
    assert all(authority.covers(issuer, name) for name in authority.names_of(issued.certificate))
