"""The image in dist/, if it is this checkout's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DIST = REPOSITORY / "dist"


def built(kind: str) -> Path:
    """The record of that kind of the last Debian build; skips where it is of other sources than these."""
    path = DIST / f"inkvm-debian.{kind}"
    manifest = DIST / "inkvm-debian.manifest.json"
    if not (path.exists() and manifest.exists()):
        pytest.skip(f"{path} is missing: make image BASE=debian")
    commit = json.loads(manifest.read_text())["commit"]
    if commit != state():
        pytest.skip(f"{path} is of {commit[:12]}, not of these sources as committed: make image BASE=debian")
    return path


def state() -> str:
    """The commit, which a build of it names in its manifest; nothing where there are changes besides."""
    command = ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    said = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout.strip()
    return "" if said.endswith("-dirty") else said
