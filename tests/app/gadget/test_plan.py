"""The plan: its order and its sums."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.gadget.descriptors import POINTER, POINTER_LENGTH
from app.gadget.functions import INPUT, hid
from app.gadget.plan import Attribute, DoesNotFitError, Folder, Function, Identity, Link, plan

IDENTITY = Identity("KVM", "0123")


def test_functions_are_complete_before_they_are_linked() -> None:
    entries = plan(IDENTITY, INPUT).entries
    links = [entry for entry in entries if isinstance(entry, Link)]
    assert [entry for entry in entries if entry.path.startswith("configs/")][-4:] == links
    assert [link.path for link in links] == [
        "configs/c.1/hid.keyboard",
        "configs/c.1/hid.pointer",
        "configs/c.1/hid.mouse",
        "configs/c.1/hid.media",
    ]
    made = [entry.path for entry in entries if isinstance(entry, Folder)]
    for entry in entries:
        if isinstance(entry, Attribute) and not entry.path.startswith("os_desc/"):  # the kernel's own folder
            assert entry.path.rpartition("/")[0] in made
    assert Attribute("functions/hid.pointer/protocol", 0) in entries
    assert Attribute("functions/hid.mouse/report_length", 5) in entries


def test_unknown_serial_is_left_out() -> None:
    paths = [entry.path for entry in plan(Identity("KVM", None), INPUT).entries]
    assert "strings/0x409/product" in paths
    assert "strings/0x409/serialnumber" not in paths


@pytest.mark.parametrize(("identity", "attributes"), [(IDENTITY, 0x80), (replace(IDENTITY, wakes=True), 0xA0)])
def test_it_is_not_said_to_wake_the_host_which_it_cannot(identity: Identity, attributes: int) -> None:
    assert Attribute("configs/c.1/bmAttributes", attributes) in plan(identity, INPUT).entries


def test_seven_in_endpoints_fit_and_eight_do_not() -> None:
    storage, serial, network = (Function("mass_storage.0", 1), Function("acm.0", 2), Function("ncm.0", 2))
    assert plan(IDENTITY, [*INPUT, storage, serial]).demand == (
        "hid.keyboard 1 + hid.pointer 1 + hid.mouse 1 + hid.media 1 + mass_storage.0 1 + acm.0 2 = 7 IN endpoints"
    )
    with pytest.raises(DoesNotFitError) as refused:
        plan(IDENTITY, [*INPUT, serial, network])
    assert str(refused.value) == (
        "hid.keyboard 1 + hid.pointer 1 + hid.mouse 1 + hid.media 1 + acm.0 2 + ncm.0 2 = 8 IN endpoints, "
        "the USB controller has 7"
    )


def test_five_hid_functions_do_not_fit() -> None:
    with pytest.raises(DoesNotFitError, match=r"hid\.fifth: 5 HID functions, the kernel has 4"):
        plan(IDENTITY, [*INPUT, hid("fifth", 0, 0, POINTER_LENGTH, POINTER)])
