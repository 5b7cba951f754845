"""Compiled overlays, read back."""

from __future__ import annotations

import pytest

from image.firmware.overlay import params
from tests.image.firmware.compiled import overlay, tree


@pytest.mark.parametrize("names", [(), ("dr_mode",), ("cma-96", "cma-size", "x")])
def test_parameters_by_name(names: tuple[str, ...]) -> None:
    assert params(overlay(*names)) == frozenset(names)


def test_an_overlay_without_any() -> None:
    assert params(tree({"compatible": b"brcm,bcm2835\0"})) == frozenset()


def test_only_the_roots_own_list_counts() -> None:
    inner = {"__overrides__": {"inner": b""}}
    assert params(tree({"fragment@0": inner, "__overrides__": {"outer": b"", "__symbols__": {"deep": b""}}})) == {
        "outer"
    }


@pytest.mark.parametrize(
    ("blob", "words"),
    [
        (b"", "not a whole device tree"),
        (b"#!/bin/sh\necho an overlay?\n", "not a device tree: begins with 0x23212f62, expected 0xd00dfeed"),
        (overlay("dr_mode")[:-30], "not a whole device tree"),
        (overlay("dr_mode")[:80], "not a whole device tree"),
        (overlay("dr_mode").replace(b"\0\0\0\2\0\0\0\2", b"\0\0\0\2\0\0\0\7"), "not a device tree: token 7 at byte"),
    ],
)
def test_what_is_none(blob: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        params(blob)
