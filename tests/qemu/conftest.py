"""One running machine for each kind, shared by a module's tests."""

from __future__ import annotations

import re
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.qemu.machine import IMAGE, KINDS, Machine, MachineFailed, unpacked

PASSWORD = "five Quiet otters"
NEEDED = ("qemu-system-aarch64", "mcopy", "zstd")


def script(scenario: Path) -> str:
    """A scenario's program as one text: the machine gets no other file."""
    said = (Path(__file__).parent / "guest/say.py").read_text()
    return said + re.sub(r"(?m)^from tests\.qemu\.guest\.say import .*\n", "", (scenario / "guest.py").read_text())


def needed() -> None:
    """Skip what cannot run here."""
    if not IMAGE.exists():
        pytest.skip(f"{IMAGE} is missing: make image BASE=debian")
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@pytest.fixture(scope="module", params=KINDS)
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    """The image, booted and answering, with `PASSWORD` for the administrator."""
    needed()
    console = "systemd.journald.forward_to_console=1"
    with Machine(request.param, unpacked(), password=PASSWORD, arguments=console) as running:
        seconds = running.wait_for_https(timeout=900)
        print(f"{request.param}: HTTPS answered {seconds:.0f} s after power on")
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what the machine last said."""
    report = yield
    running = getattr(item, "funcargs", {}).get("machine")
    said = call.excinfo is not None and isinstance(call.excinfo.value, MachineFailed)
    if report.failed and isinstance(running, Machine) and not said:
        report.sections.append((f"serial console of {running.kind}", running.tail()))
    return report
