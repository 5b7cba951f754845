"""What a scenario's program said on the serial console (guest/say.py)."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.qemu.machine import Machine, MachineFailed

_FACT = re.compile(r"(?m)^fact: (\S+) (.+?)\r?$")


class Facts:
    """Facts by name; the last one of each."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._found: dict[str, Any] = {}

    def until(self, name: str, timeout: float) -> Facts:
        """Wait for one, and take in all that were said. Raises MachineFailed, also when the program itself gave up."""
        self._machine.wait_for_console(re.compile(rf"(?m)^fact: ({name}|failed) .+\n"), timeout)
        for key, value in _FACT.findall(self._machine.console.read_text(errors="replace")):
            self._found[key] = json.loads(value)
        if "failed" in self._found:
            raise MachineFailed(f"{self._found['failed']}\n{self._machine.tail()}")
        return self

    def __getitem__(self, name: str) -> Any:
        return self._found[name]
