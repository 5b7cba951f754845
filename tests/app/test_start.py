"""What each process does without until it is needed: on the board's processor, imports are most of a start."""

from __future__ import annotations

import subprocess
import sys

import pytest

SPARED = {
    "app.gadget.__main__": "app.status asyncio hashlib ssl",
    "app.prepare": "app.status app.firstrun.formats app.gadget app.settings asyncio concurrent.futures cryptography ctypes logging ssl",
    "app.__main__": "PIL app.firstrun.formats app.sim av cryptography linuxpy",
}


@pytest.mark.parametrize("module", SPARED)
def test_the_start_loads_nothing_that_can_wait(module: str) -> None:
    program = f"import sys, {module}; print(*(set({SPARED[module].split()!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
