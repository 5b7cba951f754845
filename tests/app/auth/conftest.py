from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.auth.bench import Bench
from tests.loop import guarded


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    waited: list[str] = []
    monkeypatch.setattr(os, "fsync", guarded(waited.append))
    bench = Bench(tmp_path)
    yield bench
    assert waited == [], "the event loop has waited for the card"
    bench.hasher.close()
    bench.writer.close()
