"""What the build says while it works, and when it ends: the driver's words, with steps of the test's own."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from image.records.lock import Lock, Package, lines, render

REPOSITORY = Path(__file__).resolve().parents[2]
STEPS = REPOSITORY / "image/steps"
BASH = Package("bash", "5.2", "arm64", "a" * 64)
NEWER = Package("bash", "5.3", "arm64", "b" * 64)


def said(folder: Path, script: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """What a build prints that consists of this."""
    start = f"set -euo pipefail; logs={folder} repo={REPOSITORY} INKVM_BASE=debian; . {STEPS}/report; "
    return subprocess.run(
        ["bash", "-c", start + script], env=os.environ | settings, cwd=folder, capture_output=True, text=True
    )


def test_a_step_says_what_it_is_and_how_long_it_took_and_keeps_the_rest_in_its_log(tmp_path: Path) -> None:
    work = "printf '%s\\n' 'I: installing' 'I: running --customize-hook=x' '[12:00:00] stage one' chatter"
    done = said(tmp_path, f"step base sh -c {shell(work)}; step next true")
    assert re.sub(r"\d+ s", "N s", done.stdout).splitlines() == [
        "image: base", "    installing", "    stage one", "image: base: N s", "image: next", "image: next: N s",
    ]  # fmt: skip
    assert (tmp_path / "base.log").read_text().splitlines()[-1] == "chatter"
    assert (done.returncode, done.stderr) == (0, "")


def test_packages_are_counted(tmp_path: Path) -> None:
    done = said(tmp_path, "step base sh -c 'for n in $(seq 45); do echo \"Setting up x$n\"; done'")
    assert done.stdout.splitlines()[1:3] == ["    20 packages set up", "    40 packages set up"]


def test_a_step_that_fails_is_named_with_its_log_and_its_last_words_and_nothing_comes_after(tmp_path: Path) -> None:
    done = said(tmp_path, "step base sh -c 'seq 100; exit 3'; step next true")
    assert done.returncode == 1
    assert "next" not in done.stdout
    assert done.stderr.splitlines()[0] == "    86"
    assert done.stderr.splitlines()[-1] == f"image: step base failed; its log is {tmp_path}/base.log"


def test_a_step_that_knows_what_can_be_done_has_the_last_word(tmp_path: Path) -> None:
    done = said(tmp_path, "step wheels sh -c 'echo cannot reach the index; exit 1'")
    assert done.stderr == f"image: cannot reach the index (step wheels, log {tmp_path}/wheels.log)\n"


def locked(folder: Path, found: Package, **settings: str) -> subprocess.CompletedProcess[str]:
    """A build with that package, where bash 5.2 is locked."""
    (folder / "lock").write_text(render(Lock("20260101T000000Z", frozenset({BASH}))))
    (folder / "packages").write_text(lines([found]))
    return said(folder, "compare_with_lock $PWD/lock $PWD/packages; echo built", **settings)


@pytest.mark.parametrize("wanted", ["0", "1"])
def test_the_locked_packages_are_nothing_to_talk_about(tmp_path: Path, wanted: str) -> None:
    assert locked(tmp_path, BASH, LOCKED=wanted).stdout == "built\n"


def test_other_packages_are_named(tmp_path: Path) -> None:
    done = locked(tmp_path, NEWER, LOCKED="0")
    assert done.stdout.splitlines()[1:] == ["    bash 5.2 is now 5.3", "built"]
    assert "this build is unlocked" in done.stdout


def test_and_end_the_build_that_asks_for_the_locked_ones(tmp_path: Path) -> None:
    done = locked(tmp_path, NEWER, LOCKED="1")
    assert (done.returncode, "built" in done.stdout) == (1, False)
    assert done.stderr.startswith("image: LOCKED=1 allows no other packages")


def test_a_build_that_asks_for_locked_packages_does_not_begin_without_a_lock(tmp_path: Path) -> None:
    (tmp_path / "tools").touch()
    script = "require_locks $PWD/tools $PWD/board; echo built"
    done = said(tmp_path, script, LOCKED="1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"image: LOCKED=1, and there is no lock {tmp_path}/board: 'make lock BASE=debian'")
    assert said(tmp_path, script).stdout == "built\n"
    (tmp_path / "board").touch()
    assert said(tmp_path, script, LOCKED="1").stdout == "built\n"


def test_the_bases_that_were_used_last_are_kept(tmp_path: Path) -> None:
    for number in range(5):
        base = tmp_path / f"base-{number}.tar"
        for path in (base, tmp_path / f"base-{number}.tar.packages"):
            path.touch()
            os.utime(path, (number, number))
    (tmp_path / "base").write_text(f"{tmp_path}/base-0.tar\n")
    subprocess.run([STEPS / "forget"], env=os.environ | {"CACHE_DIR": str(tmp_path)}, check=True)
    left = [f"base-{number}.tar{end}" for number in (0, 3, 4) for end in ("", ".packages")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base", *left]


def shell(words: str) -> str:
    """One word of a shell's command."""
    return '"' + words.replace('"', '\\"') + '"'
