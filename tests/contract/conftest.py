"""The rig that this machine has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.video.capture_node import CaptureNode
from app.video.presets import DEFAULT, preset
from app.video.receiver import BOARD
from app.video.v4l2 import V4L2Source
from tests.contract.differences import expected
from tests.contract.rig import Rig, SimRig

EDID = preset(DEFAULT, "contract").build()


def _rig() -> Rig:
    if Path("/run/inkvm-bench").exists():
        from tests.contract.vivid import VividRig

        return VividRig()
    return SimRig()


@pytest.fixture
def rig() -> Iterator[Rig]:
    """An input whose target sees a display and sends 720p60."""
    result = _rig()
    node = result.open()
    node.set_edid(EDID)
    node.close()
    result.mode(1280, 720, 60)
    yield result
    result.mode(1280, 720, 60)


@pytest.fixture
def node(rig: Rig) -> Iterator[CaptureNode]:
    """Its node, with the past's events gone and the timings set."""
    result = rig.open()
    result.subscribe_source_change()
    rig.settle()
    result.source_changed()
    result.set_timings(result.query_timings())
    yield result
    result.close()


@pytest.fixture
def source(rig: Rig) -> Iterator[V4L2Source]:
    """Its source, on a board of two lanes, with the past's events gone."""
    result = V4L2Source(rig.open(), lambda _driver: BOARD)
    rig.settle()
    result.changed()
    yield result
    result.close()


@pytest.fixture
def manner(rig: Rig) -> Callable[[str], Any]:
    """What this driver does, by the name of a difference."""
    return lambda name: expected(name, rig.driver)
