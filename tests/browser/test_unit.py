"""The page's pure parts, tested by node's own runner."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parent / "unit"
OLDEST = (18, 19)
DETECTS = (20, 19)
"""The first that reads .js files as modules by what is in them."""


def test_the_pure_parts_under_node() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    version = tuple(int(part) for part in said.removeprefix("v").split(".")[:2])
    if version < OLDEST:
        pytest.skip(f"node {said} is older than {OLDEST[0]}.{OLDEST[1]}")
    files = sorted(str(path) for path in UNIT.glob("*.test.js"))
    told = [] if version >= DETECTS else ["--experimental-default-type=module"]
    result = subprocess.run([node, *told, "--test", *files], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout
    assert f"# tests {sum(Path(name).read_text('utf-8').count(chr(10) + 'test(') for name in files)}" in result.stdout
    assert version < DETECTS or "# skipped 0" in result.stdout
