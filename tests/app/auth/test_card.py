"""The card's first partition and root's one-shot, as a process on a folder."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from app.auth.__main__ import main as admit
from app.auth.card import Card
from app.chance import Chance
from tests.app.auth.test_passwords import KNOWN
from tests.appliance import ROOT, Appliance
from tests.client import Client


def shot(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python3 -m app.auth` with everything below a folder."""
    (folder / "boot").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "app.auth", "--state", str(folder / "state"), "--runtime", str(folder / "runtime")]
    return subprocess.run(
        [*command, "--boot", str(folder / "boot"), "--account", str(folder / "account.json"), *arguments],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=folder,
    )  # fmt: skip


def test_a_device_without_a_panel_has_its_code_on_the_card_until_it_is_claimed(tmp_path: Path) -> None:
    assert shot(tmp_path).returncode == 0
    note = tmp_path / "boot" / "inkvm-claim.txt"
    code = note.read_text().split()[-1]
    appliance = Appliance(tmp_path, "--unclaimed")
    appliance.start()
    client = Client(appliance.url)
    assert client.enter("/api/auth/claim", code=code, user="ann", passwd="correct horse").status == 200
    client.close()
    appliance.kill()

    assert shot(tmp_path).returncode == 0

    assert note.read_text().strip() == "This device has an owner."


def test_the_claims_file_is_one_sector_that_is_written_over_and_only_when_it_changes(tmp_path: Path) -> None:
    """Made, renamed or removed it would not survive every power cut: FAT has no journal."""
    assert shot(tmp_path).returncode == 0
    note = tmp_path / "boot" / "inkvm-claim.txt"
    before = note.stat()
    assert before.st_size == 512
    assert shot(tmp_path).returncode == 0
    assert note.stat().st_mtime_ns == before.st_mtime_ns
    custom(tmp_path)
    assert shot(tmp_path).returncode == 0
    after = note.stat()
    assert (after.st_ino, after.st_size) == (before.st_ino, 512)
    assert [path.name for path in note.parent.iterdir()] == ["inkvm-claim.txt"]


def custom(folder: Path) -> None:
    """The administrator whom the customisation file names, as `app.firstrun` hands it over."""
    (folder / "account.json").write_text(json.dumps({"name": "pi", "password": KNOWN}))


def test_the_customisation_files_account_logs_in_and_is_hashed_anew(tmp_path: Path) -> None:
    custom(tmp_path)
    run = shot(tmp_path)
    assert run.returncode == 0, run.stderr
    assert KNOWN not in run.stdout
    accounts = tmp_path / "state" / "access" / "accounts.json"
    assert KNOWN in accounts.read_text()
    assert "owner" in (tmp_path / "boot" / "inkvm-claim.txt").read_text()
    appliance = Appliance(tmp_path, "--unclaimed")
    appliance.start()
    client = Client(appliance.url)
    assert client.login("pi", "Hello world!").status == 200
    client.close()
    appliance.kill()
    assert KNOWN not in accounts.read_text()
    assert "scrypt:" in accounts.read_text()


def test_what_the_customisation_file_has_set_is_in_the_audit_log_by_name(tmp_path: Path) -> None:
    told = tmp_path / "set.json"
    for content in ('["hostname", "wifi", "panel.version"]', "[]", "{"):
        told.write_text(content)
        assert shot(tmp_path, "--told", str(told)).returncode == 0
    told.unlink()
    assert shot(tmp_path, "--told", str(told)).returncode == 0
    (entry,) = [json.loads(line) for line in (tmp_path / "state" / "audit.log").read_text().split("\n") if line]
    assert (entry["event"], entry["keys"]) == ("settings taken from the card", ["hostname", "wifi", "panel.version"])


@pytest.mark.parametrize("name", ["inkvm-reset", "inkvm-reset.txt"])
def test_a_file_on_the_card_takes_access_away_and_nothing_else(tmp_path: Path, name: str) -> None:
    custom(tmp_path)
    shot(tmp_path)
    state = tmp_path / "state"
    anchor = (state / "tls" / "authority.pem").read_bytes()
    (state / "settings.toml").write_text("[video]\nbitrate = 1000000\n")
    (state / "tls" / "owner.pem").write_text("x")
    (state / "access" / "tokens.json").write_text("[]")
    (tmp_path / "boot" / name).write_text("")
    assert shot(tmp_path).stdout.startswith("access was reset")
    assert not (tmp_path / "boot" / name).exists()
    assert sorted(path.name for path in (state / "access").iterdir()) == ["claim.json"]
    assert (tmp_path / "boot" / "inkvm-claim.txt").exists(), (
        "not the customisation's account again: it may be what was lost"
    )
    assert not (state / "tls" / "owner.pem").exists()
    assert (state / "settings.toml").exists()
    assert (state / "tls" / "authority.pem").read_bytes() == anchor
    assert b"access reset by the card" in (state / "audit.log").read_bytes()


def test_a_request_of_the_daemons_resets_and_imports_nothing(tmp_path: Path) -> None:
    shot(tmp_path)
    custom(tmp_path)
    (tmp_path / "boot" / "inkvm-reset").write_text("")
    (tmp_path / "runtime").mkdir()
    (tmp_path / "runtime" / "certificate-request").write_text(
        '["10.9.8.7", "evil.example", 7, "8.8.8.8", "kvm-2.local", "x.kvm-3.local"]'
    )
    assert shot(tmp_path).returncode == 0
    assert (tmp_path / "boot" / "inkvm-reset").exists()
    assert not (tmp_path / "state" / "access" / "accounts.json").exists()
    names = subprocess.run(
        ["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", str(tmp_path / "state" / "tls" / "leaf.pem")],
        capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert "10.9.8.7" in names
    assert "kvm-2.local" in names
    assert "evil" not in names
    assert "kvm-3" not in names
    assert "8.8.8.8" not in names


def test_a_request_is_taken_off_its_place_so_that_the_next_one_is_heard(tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    (runtime / "certificate-request").symlink_to(tmp_path / "secret")
    assert shot(tmp_path).returncode == 0
    assert not (runtime / "certificate-request").is_symlink()
    os.mkfifo(runtime / "certificate-request")
    assert shot(tmp_path).returncode == 0
    assert not (runtime / "certificate-request").exists()


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000, "[null, {}]", '"10.0.0.1"', "\0\xff"])
def test_rubbish_in_the_request_is_no_request(tmp_path: Path, content: str) -> None:
    (tmp_path / "runtime").mkdir()
    (tmp_path / "runtime" / "certificate-request").write_text(content)
    assert shot(tmp_path).returncode == 0


def test_names_come_from_the_card(tmp_path: Path) -> None:
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot" / "inkvm-hosts.txt").write_text("# mine\r\nkvm.example.org\r\n")
    shot(tmp_path)
    appliance = Appliance(tmp_path)
    appliance.start()
    client = Client(appliance.url)
    assert client.request("GET", "/", headers={"Host": "kvm.example.org"}).status == 200
    assert client.request("GET", "/", headers={"Host": "other.example.org"}).status == 421
    client.close()
    appliance.kill()


def test_what_root_makes_for_the_daemon_is_the_daemons(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("needs root")
    custom(tmp_path)
    (tmp_path / "state").mkdir()
    assert shot(tmp_path, "--owner", "nobody").returncode == 0
    owner = (tmp_path / "state").stat().st_uid
    assert owner != 0
    assert (tmp_path / "state" / "access" / "accounts.json").exists()
    for path in (tmp_path / "state").rglob("*"):
        roots = "authority" in path.relative_to(tmp_path / "state").parts
        assert path.stat().st_uid == (0 if roots else owner), path
        assert path.name == "authority.pem" or stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.parametrize("step", range(3))
def test_a_power_cut_in_a_reset_leaves_nobody_half_in(
    tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies at the first, second or third change it makes; the next start finishes."""
    custom(tmp_path)
    shot(tmp_path)
    (tmp_path / "boot" / "inkvm-reset").write_text("")
    left = [step]

    def dying(real):  # type: ignore[no-untyped-def]
        def change(*arguments, **options):  # type: ignore[no-untyped-def]
            if left[0] == 0:
                raise KeyboardInterrupt
            left[0] -= 1
            return real(*arguments, **options)

        return change

    with monkeypatch.context() as cut:
        for name in ("rename", "unlink"):
            cut.setattr(Path, name, dying(getattr(Path, name)))
        with pytest.raises(KeyboardInterrupt):
            Card(tmp_path / "boot", tmp_path / "state", Chance()).reset()
    shot(tmp_path)
    assert not (tmp_path / "state" / "access" / "accounts.json").exists()
    assert not (tmp_path / "boot" / "inkvm-reset").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="giving folders away needs root")
def test_a_request_is_taken_even_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that stays starts the one-shot again, at once and for ever: the path unit looks for the file."""
    state, runtime = tmp_path / "state", tmp_path / "run"
    runtime.mkdir()
    request = runtime / "certificate-request"
    chown = Mock(side_effect=OSError(errno.EROFS, "Read-only file system"))
    arguments = ["--owner", "nobody", "--state", str(state), "--runtime", str(runtime)]
    with monkeypatch.context() as patch:
        patch.setattr("os.chown", chown)
        request.touch()
        with pytest.raises(OSError, match="Read-only"):
            admit(arguments)
        assert not request.exists()
    assert admit(arguments) == 0
    monkeypatch.setattr("os.chown", chown)
    chown.reset_mock()
    assert admit(arguments) == 0, "the folder is whose it should be"
    chown.assert_not_called()
