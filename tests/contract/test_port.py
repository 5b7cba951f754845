"""What a HID function's node does when its host turns away and back, the simulated one and the kernel's."""

from __future__ import annotations

import errno
import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.hid.mouse import MOUSE_RELEASED
from tests.contract.cable import Cable, SimCable

MOST = 64
"""Reports that no kernel queues."""


@pytest.fixture
def cable() -> Iterator[Cable]:
    result: Cable
    if Path("/run/inkvm-bench").exists():
        from tests.contract.dummy import DummyCable

        result = DummyCable()
    else:
        result = SimCable()
    yield result
    result.close()


def fill(cable: Cable) -> int:
    """Write until the node takes no more; how many reports it took."""
    for number in range(MOST):
        try:
            cable.port.write(MOUSE_RELEASED)
        except BlockingIOError:
            return number
    raise AssertionError(f"the node took {MOST} reports that nobody took from it")


def ready(cable: Cable) -> tuple[bool, bool]:
    """Whether the node is readable and writable now."""
    node = cable.port.fileno()
    readable, writable, _ = select.select([node], [node], [], 0)
    return bool(readable), bool(writable)


def refused(cable: Cable) -> None:
    """Reading and writing both say that no host has configured us."""
    for act in (cable.port.read, lambda: cable.port.write(MOUSE_RELEASED)):
        with pytest.raises(OSError, match="shutdown") as caught:
            act()
        assert caught.value.errno == errno.ESHUTDOWN


def test_a_node_that_nobody_reads_from_takes_a_few_reports(cable: Cable) -> None:
    assert ready(cable) == (False, True)
    assert fill(cable) > 0
    assert ready(cable) == (False, False)


def test_a_host_that_turns_away_is_heard_and_comes_back(cable: Cable) -> None:
    cable.turn_away()
    assert ready(cable)[0]
    refused(cable)
    cable.turn_back()
    assert cable.port.read() is None
    assert ready(cable) == (False, True)


def test_what_is_queued_when_the_host_turns_away_is_lost_without_a_word_and_leaves_room(cable: Cable) -> None:
    least = fill(cable)
    cable.turn_away()
    assert ready(cable)[0]
    refused(cable)
    cable.turn_back()
    assert cable.port.read() is None
    assert fill(cable) == least
