"""Requests for a reboot: a file for root's path unit, at most once an hour whatever the clock says."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.reboot import INTERVAL, Reboot


class Machine:
    """Its uptime and its boots; the run folder is gone with each."""

    def __init__(self, folder: Path) -> None:
        self.state = folder
        self.boots = 0
        self.boot()

    def boot(self) -> None:
        self.uptime = 0.0
        self.boots += 1
        self.runtime = self.state / f"run{self.boots}"
        self.runtime.mkdir()

    def ask(self, after: float) -> str | None:
        """What the request says, if the answer is that there is one."""
        self.uptime += after
        request = self.runtime / "reboot-request"
        request.unlink(missing_ok=True)
        said = Reboot(self.state, self.runtime, lambda: str(self.boots), lambda: self.uptime).request("stuck")
        assert (said == "the device reboots") == request.exists()
        assert request.exists() or "cut the power" in said
        return request.read_text() if request.exists() else None


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_first_is_granted_at_once(machine: Machine) -> None:
    assert machine.ask(3.0) == "stuck\n"


def test_the_next_is_an_hour_later_at_the_earliest(machine: Machine) -> None:
    machine.ask(1000.0)
    assert machine.ask(INTERVAL - 1) is None
    assert machine.ask(1) == "stuck\n"
    assert machine.ask(INTERVAL - 1) is None


def test_a_reboot_does_not_forget(machine: Machine) -> None:
    machine.ask(50_000.0)
    for _boot in range(3):
        machine.boot()
        assert machine.ask(INTERVAL - 1) is None
    assert machine.ask(1) == "stuck\n"


def test_a_record_that_cannot_be_read_counts_as_one(machine: Machine) -> None:
    machine.ask(0.0)
    for content in (b"", b"{}", b"[1]", b'{"boot": "1", "uptime": "soon"}'):
        (machine.state / "reboot.json").write_bytes(content)
        assert machine.ask(1.0) is None


def test_what_cannot_be_remembered_is_not_asked_for(machine: Machine) -> None:
    machine.state /= "gone"
    assert machine.ask(0.0) is None


def test_on_this_machine_the_boot_has_a_name(tmp_path: Path) -> None:
    assert Reboot(tmp_path, tmp_path).request("stuck") == "the device reboots"
    assert "less than an hour ago" in Reboot(tmp_path, tmp_path).request("stuck")
