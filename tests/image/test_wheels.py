"""The locked wheels are downloaded when they are not there, whatever was there before: the step, with a pip of the test's own."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

STEP = Path(__file__).resolve().parents[2] / "image/steps/wheels"
PIP = """#!/bin/sh
case $* in *--version) exit ;; esac
while [ $# -gt 1 ]; do
    case $1 in --dest) dest=$2 ;; --requirement) lock=$2 ;; esac
    shift
done
echo asked >>"$ASKED"
sed -n 's/^\\([a-z]*\\)==\\([0-9]*\\) .*/\\1-\\2/p' "$lock" | head -n "${WHEELS:-9}" | while read -r wheel; do
    printf %s "$wheel" >"$dest/$wheel.whl"
done
[ "${WHEELS:-9}" = 9 ]
"""
"""Each wheel's content is its name. With fewer than there are it fails half-way."""


class Step:
    """The step in a checkout that has nothing else, and how often it asked pip."""

    def __init__(self, folder: Path) -> None:
        self.wheels = folder / "wheels"
        (folder / "image/lock").mkdir(parents=True)
        (folder / "image/steps").mkdir()
        self._lock = folder / "image/lock/wheels.txt"
        self._step = shutil.copy(STEP, folder / "image/steps")
        self._pip = folder / "python"
        self._pip.write_text(PIP)
        self._pip.chmod(0o755)
        self._asked = folder / "asked"
        self._asked.touch()

    def run(self, *wheels: str, **options: str) -> str:
        """With these wheels locked; what it printed."""
        hashes = [hashlib.sha256(wheel.encode()).hexdigest() for wheel in wheels]
        lines = [
            f"{wheel.replace('-', '==')} --hash=sha256:{hash_}\n" for wheel, hash_ in zip(wheels, hashes, strict=True)
        ]
        self._lock.write_text("# why\n" + "".join(lines))
        places = {"WHEELS_DIR": self.wheels, "PYTHON": self._pip, "ASKED": self._asked}
        settings = os.environ | {key: str(path) for key, path in places.items()} | options
        return subprocess.run(["bash", self._step], env=settings, capture_output=True, text=True).stdout

    @property
    def there(self) -> list[str]:
        return sorted(path.stem for path in self.wheels.iterdir())

    @property
    def asked(self) -> int:
        return len(self._asked.read_text().splitlines())


@pytest.fixture
def step(tmp_path: Path) -> Step:
    return Step(tmp_path)


def test_they_are_downloaded_once(step: Step) -> None:
    assert step.run("av-1", "linuxpy-1") == ""
    assert step.run("av-1", "linuxpy-1") == "the wheels are already there\n"
    assert (step.there, step.asked) == (["av-1", "linuxpy-1"], 1)


def test_another_lock_leaves_nothing_of_the_one_before(step: Step) -> None:
    step.run("av-1", "linuxpy-1")
    step.run("av-2")
    assert step.there == ["av-2"]


def test_what_failed_half_way_is_not_taken_for_the_wheels_of_any_lock(step: Step) -> None:
    step.run("av-1", "linuxpy-1")
    assert "cannot download" in step.run("av-2", "linuxpy-2", WHEELS="1")
    assert step.run("av-1", "linuxpy-1") == ""
    assert step.there == ["av-1", "linuxpy-1"]


def test_a_wheel_that_changed_is_downloaded_again(step: Step) -> None:
    step.run("av-1")
    (step.wheels / "av-1.whl").write_text("something else")
    assert step.run("av-1") == ""
    assert (step.wheels / "av-1.whl").read_text() == "av-1"
