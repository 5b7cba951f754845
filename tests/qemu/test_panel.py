"""The panel's unit in the image: what the device is, and what its picture says, from one machine's console."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qemu.conftest import PASSWORD, needed
from tests.qemu.machine import Machine, unpacked

SCRIPT = Path(__file__).with_name("guest") / "panel.py"
STEPS = ["ready", "address added", "address removed", "signal lost", "signal found", "daemon stopped", "daemon started"]


@pytest.fixture(scope="module")
def said() -> Iterator[list[str]]:
    """What the script inside the machine printed, to its end."""
    needed()
    script = SCRIPT.read_text()
    with Machine("virt", unpacked(), password=PASSWORD, script=script) as machine:
        machine.wait_for_console(re.compile("panel: (end|gave up)"), timeout=1500)
        lines = re.findall(r"(?m)^panel: (.*?)\r?$", machine.console.read_text(errors="replace"))
        print(*lines, sep="\n")
        yield lines


@pytest.mark.parametrize("step", STEPS)
def test_the_picture_is_the_truth(said: list[str], step: str) -> None:
    assert f"{step} shown" in said


def test_without_spi_it_is_said_once_and_the_daemon_does_not_care(said: list[str]) -> None:
    (line,) = (line for line in said if line.startswith("without SPI: "))
    assert line == "without SPI: active active ['no panel: /dev/spidev0.0: No such file or directory; trying again']"


def test_numbers_are_given(said: list[str]) -> None:
    assert any(line.startswith("first picture ") for line in said)


@pytest.mark.parametrize("when", ["simulated", "without SPI"])
def test_it_is_small(said: list[str], when: str) -> None:
    (line,) = (line for line in said if line.startswith(f"resident {when} "))
    assert float(line.split()[-2]) < 25
