"""`python3 -m app.firstrun` as systemd starts it, in a namespace of its own: it names the whole system."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.firstrun.bench import FULL, SECRETS
from tests.appliance import ROOT

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="naming the system needs root")


def shot(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One start; the last line that it prints is the host name that the system then has."""
    for name in ("boot", "state", "run"):
        if not (folder / name).exists():
            (folder / name).mkdir()
    places = [word for name in ("boot", "state") for word in (f"--{name}", str(folder / name))]
    command = [sys.executable, "-m", "app.firstrun", *places, "--runtime", str(folder / "run"), *arguments]
    shell = ["unshare", "--uts", "sh", "-c", '"$@"; status=$?; uname -n; exit $status', "sh"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([*shell, *command], capture_output=True, text=True, env=environment, cwd=folder)


def test_the_system_has_the_name_and_the_daemon_what_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot/inkvm.toml").write_text(FULL + "[fun]\nlevel = 'private'\n")
    (tmp_path / "boot/firstrun.sh").touch()
    done = shot(tmp_path, "--owner", "nobody")
    assert (done.returncode, done.stdout) == (0, "kvm-rack3\n")
    assert done.stderr.splitlines() == [
        "inkvm.toml: key 'fun.level' is not used",
        "inkvm.toml: firstrun.sh is not understood",
    ]
    nobody = (tmp_path / "state/hostname").stat().st_uid
    assert nobody != 0
    for name in ("timezone", "time_servers", "country", "settings.toml"):
        assert (tmp_path / "state" / name).stat().st_uid == nobody
    for name in ("firstrun", "firstrun/record.json", "network"):
        assert (tmp_path / "state" / name).stat().st_uid == 0
    outcome = (tmp_path / "run/outcome.json").stat()
    assert (outcome.st_uid, outcome.st_gid != 0, stat.S_IMODE(outcome.st_mode)) == (0, True, 0o640)


def test_the_journal_gets_a_refusal_without_its_value(tmp_path: Path) -> None:
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot/inkvm.toml").write_text(FULL.replace("KVM-rack3", "ann_s"))
    done = shot(tmp_path)
    assert done.returncode == 0
    assert done.stderr.startswith(
        "inkvm.toml: not applied: key 'system.hostname', expected letters, digits and hyphens"
    )
    assert "ann_s" not in done.stderr
    assert "ann_s" in json.loads((tmp_path / "run/outcome.json").read_text())["card"]["refusal"]


def test_what_does_not_work_is_a_failed_unit(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot/inkvm.toml").write_text(FULL)
    done = shot(tmp_path)
    assert done.returncode == 1
    assert "could not be kept" in done.stderr
    assert (tmp_path / "boot/inkvm.toml").read_text() == FULL


def test_while_nothing_lasts_the_passwords_stay_on_the_card(tmp_path: Path) -> None:
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot/inkvm.toml").write_text(FULL)
    (tmp_path / "reason").write_text("card takes no more writes, changes are lost")
    assert shot(tmp_path, "--volatile", str(tmp_path / "reason")).stdout == "kvm-rack3\n"
    assert (tmp_path / "boot/inkvm.toml").read_text() == FULL
    (tmp_path / "reason").unlink()
    assert shot(tmp_path, "--volatile", str(tmp_path / "reason")).returncode == 0
    assert all(secret not in (tmp_path / "boot/inkvm.toml").read_text() for secret in SECRETS)
