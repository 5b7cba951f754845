"""A disk that the kernel makes of a file: a chunk larger than the image of the module that asks, its `SIZE`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from image.flash.archive import CHUNK
from tests.image.flash import loop


@pytest.fixture
def backing(tmp_path: Path) -> Path:
    return tmp_path / "medium"


@pytest.fixture
def node(backing: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    with loop.disk(backing, request.module.SIZE + CHUNK) as node:
        yield node
