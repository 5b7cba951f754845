from __future__ import annotations

import gc
import weakref
from contextlib import suppress

import pytest

from app.video.reported import Reported


class Memory:
    """What a caller has when the kernel refuses something."""


def refused(kept: list[weakref.ref[Memory]]) -> None:
    memory = Memory()
    kept.append(weakref.ref(memory))
    with Reported(lambda error: ValueError(f"not done: {error.errno}")):
        raise OSError(5, "Input/output error")


def test_the_kernels_error_becomes_ones_own_and_stays_its_cause() -> None:
    with pytest.raises(ValueError, match="not done: 5") as told:
        refused([])
    assert isinstance(told.value.__cause__, OSError)


def test_what_is_no_error_of_the_kernel_passes() -> None:
    with pytest.raises(KeyError), Reported(lambda error: ValueError(str(error))):
        raise KeyError("x")


def test_nothing_of_the_callers_outlives_the_error() -> None:
    # Python 3.13, the device's, keeps the frames of a generator's callers; 3.11 does not.
    kept: list[weakref.ref[Memory]] = []
    gc.disable()
    try:
        with suppress(ValueError):
            refused(kept)
        assert kept[0]() is None
    finally:
        gc.enable()
