"""The plan: its order, its sums, and descriptors that say what the reports are."""

from __future__ import annotations

import pytest

from app.gadget.descriptors import KEYBOARD, KEYBOARD_LENGTH, MOUSE, MOUSE_LENGTH, POINTER, POINTER_LENGTH
from app.gadget.plan import INPUT, Attribute, DoesNotFitError, Folder, Function, Identity, Link, hid, plan

IDENTITY = Identity("KVM", "0123")


def test_functions_are_complete_before_they_are_linked() -> None:
    entries = plan(IDENTITY, INPUT)
    links = [entry for entry in entries if isinstance(entry, Link)]
    assert entries[-3:] == tuple(links)
    assert [link.path for link in links] == [
        "configs/c.1/hid.keyboard",
        "configs/c.1/hid.pointer",
        "configs/c.1/hid.mouse",
    ]
    made = [entry.path for entry in entries if isinstance(entry, Folder)]
    for entry in entries:
        if isinstance(entry, Attribute) and "/" in entry.path:
            assert entry.path.rpartition("/")[0] in made
    assert Attribute("functions/hid.pointer/protocol", 0) in entries
    assert Attribute("functions/hid.mouse/report_length", 5) in entries


def test_unknown_serial_is_left_out() -> None:
    paths = [entry.path for entry in plan(Identity("KVM", None), INPUT)]
    assert "strings/0x409/product" in paths
    assert "strings/0x409/serialnumber" not in paths


def test_seven_in_endpoints_fit_and_eight_do_not() -> None:
    storage, serial, network = (Function("mass_storage.0", 1, ()), Function("acm.0", 2, ()), Function("ncm.0", 2, ()))
    plan(IDENTITY, [*INPUT, storage, serial])
    with pytest.raises(DoesNotFitError) as refused:
        plan(IDENTITY, [*INPUT, storage, serial, network])
    assert str(refused.value) == (
        "hid.keyboard 1 + hid.pointer 1 + hid.mouse 1 + mass_storage.0 1 + acm.0 2 + ncm.0 2 = 8 IN endpoints, "
        "the USB controller has 7"
    )


def test_five_hid_functions_do_not_fit() -> None:
    more = [hid(name, 0, 0, POINTER_LENGTH, POINTER) for name in ("consumer", "fifth")]
    plan(IDENTITY, [*INPUT, more[0]])
    with pytest.raises(DoesNotFitError, match=r"hid\.fifth: 5 HID functions, the kernel has 4"):
        plan(IDENTITY, [*INPUT, *more])


def _input_bits(descriptor: bytes) -> int:
    """The size of the input report, from the descriptor's own items (HID 1.11, section 6.2.2)."""
    bits = size = count = at = 0
    while at < len(descriptor):
        length = (0, 1, 2, 4)[descriptor[at] & 3]
        value = int.from_bytes(descriptor[at + 1 : at + 1 + length], "little")
        match descriptor[at] & 0xFC:
            case 0x74:
                size = value
            case 0x94:
                count = value
            case 0x80:
                bits += size * count
        at += 1 + length
    return bits


@pytest.mark.parametrize(
    ("descriptor", "length"), [(KEYBOARD, KEYBOARD_LENGTH), (POINTER, POINTER_LENGTH), (MOUSE, MOUSE_LENGTH)]
)
def test_descriptor_describes_a_report_of_its_length(descriptor: bytes, length: int) -> None:
    assert _input_bits(descriptor) == 8 * length
