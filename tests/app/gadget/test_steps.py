"""The way from what is found to what is planned."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.gadget import steps
from app.gadget.functions import planned
from app.gadget.plan import Attribute, Folder, Identity, Link, Plan
from app.gadget.steps import Bind, Found, Remove, Step, Unbind, Unlink

IDENTITY = Identity("KVM", "0123")
INPUT, STORAGE = planned(IDENTITY, ()), planned(IDENTITY, ("storage",))
UDC = "dummy_udc.0"


def _printed(value: int | str | bytes) -> bytes:
    """As the kernel answers."""
    if isinstance(value, bytes):
        return value
    return f"{value}\n".encode()


def _complete(plan: Plan, udc: str = UDC) -> Found:
    folders = [entry.path for entry in plan.entries if isinstance(entry, Folder) and entry.path]
    links = {entry.path: entry.target for entry in plan.entries if isinstance(entry, Link)}
    values = {entry.path: _printed(entry.value) for entry in plan.entries if isinstance(entry, Attribute)}
    return Found(("configs", "functions", "os_desc", "strings", *folders), links, values, udc)


def _up(found: Found | None, plan: Plan = INPUT) -> list[Step]:
    return list(steps.up(found, plan, UDC))


def test_what_is_as_planned_is_left_alone() -> None:
    assert _up(_complete(INPUT)) == []


def test_from_nothing_the_plan_is_followed_and_then_bound() -> None:
    assert _up(None) == [*INPUT.entries, Bind(UDC)]


@pytest.mark.parametrize(("bound", "wanted"), [("", [Bind(UDC)]), ("other.0", [Unbind(), Bind(UDC)])])
def test_only_the_controller_is_changed_when_that_is_all(bound: str, wanted: list[Step]) -> None:
    assert _up(_complete(INPUT, bound)) == wanted


def test_another_profile_keeps_every_function_that_both_have() -> None:
    found = steps_of = _up(_complete(INPUT), STORAGE)
    assert found[0] == Unbind()
    assert not [step for step in steps_of if isinstance(step, Folder | Remove) and "functions/hid." in step.path]
    assert not [step for step in steps_of if isinstance(step, Attribute) and "functions/hid." in step.path]
    assert Folder("functions/mass_storage.storage") in found
    links = [step.path.rpartition("/")[2] for step in found if isinstance(step, Link)]
    assert links == ["hid.keyboard", "hid.pointer", "hid.mouse", "hid.media", "mass_storage.storage"]
    assert found[-1] == Bind(UDC)


def test_a_function_too_many_goes_with_all_it_holds_and_the_links_go_first() -> None:
    complete = _complete(INPUT)
    camera = ("functions/uvc.camera", "functions/uvc.camera/streaming", "functions/uvc.camera/streaming/header")
    found = _up(
        replace(complete, folders=(*complete.folders, *camera), links={**complete.links, f"{camera[2]}/m": "x"})
    )
    removed = [step.path for step in found if isinstance(step, Remove) and "uvc" in step.path]
    assert removed == list(reversed(camera))
    assert found.index(Unlink(f"{camera[2]}/m")) < found.index(Remove(camera[2]))


def test_what_the_kernel_makes_itself_is_not_taken_for_a_difference() -> None:
    complete = _complete(STORAGE)
    own = ("configs/c.1/strings", "functions/mass_storage.storage/lun.0", "webusb")
    assert _up(replace(complete, folders=(*complete.folders, *own)), STORAGE) == []
    more = replace(complete, folders=(*complete.folders, "functions/mass_storage.storage/lun.1"))
    assert Remove("functions/mass_storage.storage/lun.1") in _up(more, STORAGE)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("idVendor", b"0x1234\n"),
        ("strings/0x409/product", b"TV\n"),
        ("functions/hid.mouse/protocol", b"0\n"),
        ("functions/hid.keyboard/report_desc", b"\x05\x01"),
        ("configs/c.1/MaxPower", b"500\n"),
        ("os_desc/use", b"1\n"),
    ],
)
def test_one_value_that_differs_is_set_again_while_nothing_is_linked(path: str, value: bytes) -> None:
    complete = _complete(INPUT)
    found = _up(replace(complete, values={**complete.values, path: value}))
    (written,) = [step for step in found if isinstance(step, Attribute) and step.path == path]
    kinds = [type(step) for step in found]
    assert kinds[0] == Unbind
    assert kinds.index(Unlink) < found.index(written) < kinds.index(Link) or path == "os_desc/use"


def test_a_string_that_nobody_planned_is_a_difference() -> None:
    plan = planned(Identity("KVM", None), ())
    complete = _complete(plan)
    assert _up(replace(complete, values={**complete.values, "strings/0x409/serialnumber": b"\n"}), plan) == []
    found = _up(replace(complete, values={**complete.values, "strings/0x409/serialnumber": b"old\n"}), plan)
    assert Remove("strings/0x409") in found


def test_an_attribute_that_the_kernel_does_not_have_is_asked_for() -> None:
    complete = _complete(INPUT)
    values = {path: value for path, value in complete.values.items() if not path.endswith("no_out_endpoint")}
    assert Attribute("functions/hid.mouse/no_out_endpoint", 1) in _up(replace(complete, values=values))


def test_strings_that_end_as_ncms_do_are_the_same() -> None:
    plan = planned(IDENTITY, ("network",))
    complete = _complete(plan)
    values = {
        path: value.replace(b"\n", b"\0\n") if "ncm" in path else value for path, value in complete.values.items()
    }
    assert _up(replace(complete, values=values), plan) == []


def test_down_takes_all_of_it_in_the_kernels_order() -> None:
    found = list(steps.down(_complete(INPUT)))
    kinds = [type(step) for step in found]
    assert kinds == sorted(kinds, key=[Unbind, Unlink, Remove].index)
    assert found[-1] == Remove("")
    assert list(steps.down(None)) == []
