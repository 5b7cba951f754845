"""The scripted bench for whoever tests against it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.video.scripted import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.capture.close()
    assert bench.source.closed
    assert all(encoder.closed for encoder in bench.encoders)
