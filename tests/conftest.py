"""One suite, three tiers: `INKVM_EFFORT` multiplies every count (1 in `make test`, 20 in `make soak`)."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

EFFORT = int(os.environ.get("INKVM_EFFORT", "1"))

# No deadlines, and nothing is too slow: a busy machine is no bug. The same examples every time at effort 1, so that a failure is the change's own.
settings.register_profile(
    "inkvm",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=100 * EFFORT,
    derandomize=EFFORT == 1,
)
settings.load_profile("inkvm")


def pytest_configure(config: pytest.Config) -> None:
    """What is too long for the quick tier belongs to `make soak` alone."""
    config.addinivalue_line("markers", "soak: runs only when INKVM_EFFORT is more than 1")
    # A shell that starts the tests in the background makes them, and every program they start, deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The browser's tests come last: Playwright's event loop runs in this thread from the first of them to the end."""
    if EFFORT == 1:
        long = [item for item in items if item.get_closest_marker("soak")]
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)
    items.sort(key=lambda item: "chromium" in getattr(item, "fixturenames", ()))
